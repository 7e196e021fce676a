import { Duration } from 'aws-cdk-lib'
import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { passWatches } from './pass-watches.ts'
import { measured, type Watch } from './watch.ts'

/** When access rights do not follow, so that clients may do too little on the target, or what was revoked. */
export const accessWatches = (link: Link, sync: IFunction): readonly Watch[] => [
  {
    id: 'faulted-access',
    // One pass falls into five minutes, sooner or later: the alarm must not clear between two of them.
    metric: measured(link, 'AccessFaulted', Stats.MAXIMUM, 15),
    threshold: 1,
    unsafe: true,
    wrong: 'Access rights cannot follow their source.',
    means:
      'The principals named by the plan may do less on the target than on the source, or still what was revoked there.',
    remedy: `Run \`npx twinshore plan ${link.name} --only access\`, which says of each what is the matter, and mend that; the next pass goes on.`,
  },
  {
    id: 'acl-drift',
    metric: measured(link, 'AclDrift', Stats.MINIMUM, 5),
    threshold: 1,
    periods: { bad: 3, of: 3 },
    wrong: 'After each of the last three passes rights or quotas on the target were not as on the source.',
    means: 'The same changes are refused again and again, or left since an earlier one is.',
    remedy: `Run \`npx twinshore plan ${link.name} --only access\`, and read the lines "access step failed" in the log group of sync-access.`,
  },
  ...passWatches({
    id: 'access-sync',
    function: sync,
    every: Duration.minutes(5),
    within: Duration.minutes(15),
    failing: {
      wrong: 'The access rights of the two clusters cannot be compared.',
      means: 'No right follows, neither grants nor revocations; nothing is revoked on suspicion.',
      remedy: 'Read the error code in the newest error of the log group of sync-access; it says what to check.',
    },
    throttled: {
      wrong: 'Lambda throttles the function that lets access rights follow.',
      means: 'Grants and revocations follow late or not at all.',
    },
    absent: {
      wrong: 'Nobody starts the function that lets access rights follow.',
      means: 'No right follows, neither grants nor revocations.',
    },
  }),
]
