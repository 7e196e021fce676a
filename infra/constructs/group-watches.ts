import { Duration } from 'aws-cdk-lib'
import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { passWatches } from './pass-watches.ts'
import { measured, type Watch } from './watch.ts'

/** When the positions of consumer groups do not follow, so that a failover now would have them read again. */
export const groupWatches = (link: Link, sync: IFunction): readonly Watch[] => [
  {
    id: 'faulted-groups',
    // Every pass tells it anew, so that the alarm stays on until somebody has acted.
    metric: measured(link, 'GroupsFaulted', Stats.MAXIMUM, 5),
    threshold: 1,
    unsafe: true,
    wrong: 'Positions of consumer groups cannot be read or committed.',
    means:
      'These groups would resume on the target where they last got to, and read again from there; all others go on.',
    remedy: `Run \`npx twinshore plan ${link.name} --only groups\`, which says of each what is the matter, and mend that; the next minute goes on.`,
  },
  ...passWatches({
    id: 'group-sync',
    function: sync,
    every: Duration.minutes(1),
    within: Duration.minutes(5),
    failing: {
      unsafe: true,
      wrong: 'The consumer groups of the two clusters cannot be compared.',
      means: 'No position follows; records do, and nothing is lost, but groups that move now read again.',
      remedy: 'Read the error code in the newest error of the log group of sync-groups; it says what to check.',
    },
    throttled: {
      wrong: 'Lambda throttles the function that moves consumer groups.',
      means: 'Positions follow late or not at all.',
    },
    absent: {
      unsafe: true,
      wrong: 'Nobody starts the function that moves consumer groups.',
      means: 'No position follows; records do, and nothing is lost, but groups that move now read again.',
    },
  }),
]
