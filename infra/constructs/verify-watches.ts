import { Duration } from 'aws-cdk-lib'
import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { passWatches } from './pass-watches.ts'
import { measured, type Watch } from './watch.ts'

/** When the two clusters do not hold the same, or nobody can tell. */
export const verifyWatches = (link: Link, verifier: IFunction): readonly Watch[] => [
  {
    id: 'differences',
    metric: measured(link, 'VerifyDifferences', Stats.SUM, 60),
    threshold: 1,
    unsafe: true,
    wrong: 'Records of the two clusters differ, are missing on one of them, or are foreign.',
    means: 'The target is no faithful copy there; somebody else may write to it, or data was damaged.',
    remedy: `Run \`npx twinshore verify ${link.name}\`, which names topic, partition and offsets; the lines "difference found" in the log group of verify do so too.`,
  },
  ...passWatches({
    id: 'verify',
    function: verifier,
    every: Duration.hours(1),
    within: Duration.hours(4),
    failing: {
      wrong: 'The two clusters cannot be compared.',
      means: 'Replication goes on, but holes stay unread: what retention takes of them counts as lost later.',
      remedy: 'Read the error code in the newest error of the log group of verify; it says what to check.',
    },
    throttled: {
      wrong: 'Lambda throttles the function that compares the two clusters.',
      means: 'Samples and holes are looked at late or not at all.',
    },
    absent: {
      wrong: 'Nobody starts the function that compares the two clusters.',
      means: 'Samples and holes are not looked at; replication goes on.',
    },
  }),
]
