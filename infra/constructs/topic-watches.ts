import { Duration } from 'aws-cdk-lib'
import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { passWatches } from './pass-watches.ts'
import { measured, type Watch } from './watch.ts'

/** Longer than a first pass over very many topics takes with its successors. */
const DRIFTING_MINUTES = 30

/** When topics that should follow do not, and no later pass will mend it. */
export const topicWatches = (link: Link, sync: IFunction): readonly Watch[] => [
  {
    id: 'faulted-topics',
    // Every pass tells it anew, so that the alarm stays on until somebody has acted.
    metric: measured(link, 'FaultedTopics', Stats.MAXIMUM, 5),
    threshold: 1,
    unsafe: true,
    wrong: 'Topics cannot follow their source.',
    means: 'Each of them stands until somebody acts, and records may wait for it; all others go on.',
    remedy: `Run \`npx twinshore plan ${link.name}\`, which says of each what is the matter, and mend that; the next minute goes on.`,
  },
  {
    id: 'mappings-off',
    // A pass enables what it finds disabled, so that twice says that it does not last, or does not succeed.
    metric: measured(link, 'MappingsOff', Stats.MAXIMUM),
    threshold: 1,
    periods: { bad: 2, of: 5 },
    unsafe: true,
    wrong: 'Event source mappings are disabled again and again although nobody has paused them.',
    means: 'Their topics are not replicated while they are off; records wait on the source.',
    remedy: `Find out in CloudTrail who calls UpdateEventSourceMapping; to stop a topic use \`npx twinshore pause ${link.name}\`, which the passes respect.`,
  },
  {
    id: 'topic-drift',
    metric: measured(link, 'TopicDrift', Stats.MINIMUM),
    threshold: 1,
    periods: { bad: DRIFTING_MINUTES, of: DRIFTING_MINUTES },
    wrong: `Each pass of the last ${DRIFTING_MINUTES} minutes found topics changed that an earlier one had brought into step.`,
    means:
      'What the passes set does not last: somebody or something sets it back, or there is more to do than they manage.',
    remedy: `Read the lines "topic step" in the log group of sync-topics, which name the topic and the change, and stop the other side, or exclude the setting with excludeSettings.`,
  },
  ...passWatches({
    id: 'topic-sync',
    function: sync,
    every: Duration.minutes(1),
    within: Duration.minutes(5),
    failing: {
      wrong: 'The topics of the two clusters cannot be compared.',
      means:
        'New topics and settings do not follow, and records of new partitions wait on the source; the replication of all else goes on.',
      remedy: 'Read the error code in the newest error of the log group of sync-topics; it says what to check.',
    },
    throttled: {
      wrong: 'Lambda throttles the function that keeps topics in step.',
      means: 'New topics, partitions and settings follow late or not at all.',
    },
    absent: {
      wrong: 'Nobody starts the function that keeps topics in step.',
      means: 'New topics, partitions and settings do not follow; the replication of all else goes on.',
    },
  }),
]
