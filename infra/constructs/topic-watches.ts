import { Duration } from 'aws-cdk-lib'
import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { passWatches } from './pass-watches.ts'
import { measured, type Watch } from './watch.ts'

/** When topics that should follow do not, and no later pass will mend it. */
export const topicWatches = (link: Link, sync: IFunction): readonly Watch[] => [
  {
    id: 'faulted-topics',
    // Every pass tells it anew, so that the alarm stays on until somebody has acted.
    metric: measured(link, 'FaultedTopics', Stats.MAXIMUM, 5),
    threshold: 1,
    wrong: 'Topics cannot follow their source.',
    means: 'Each of them stands until somebody acts, and records may wait for it; all others go on.',
    remedy: `Run \`npx twinshore plan ${link.name}\`, which says of each what is the matter, and mend that; the next minute goes on.`,
  },
  ...passWatches({
    id: 'topic-sync',
    function: sync,
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
  }),
]
