import type { Duration } from 'aws-cdk-lib'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Watch } from './watch.ts'

export interface WatchedPasses {
  /** Begins the names of the alarms. */
  readonly id: string
  readonly function: IFunction
  /** Three passes at least fall into it. */
  readonly within: Duration
  readonly failing: Pick<Watch, 'wrong' | 'means' | 'remedy'>
  readonly throttled: Pick<Watch, 'wrong' | 'means'>
}

/** Of the passes within. One is a broker restart, and the next pass mends it. */
const FAILED_PASSES = 3

/** When the passes of a scheduled function do not happen at all. */
export const passWatches = ({ id, function: made, within: period, ...texts }: WatchedPasses): readonly Watch[] => [
  { id: `${id}-errors`, metric: made.metricErrors({ period }), threshold: FAILED_PASSES, ...texts.failing },
  {
    id: `${id}-throttles`,
    metric: made.metricThrottles({ period }),
    threshold: FAILED_PASSES,
    ...texts.throttled,
    remedy: 'Raise the concurrency of the account.',
  },
]
