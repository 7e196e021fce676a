import type { Duration } from 'aws-cdk-lib'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Watch } from './watch.ts'

export interface WatchedPasses {
  /** Begins the names of the alarms. */
  readonly id: string
  readonly function: IFunction
  /** As its schedule has it. */
  readonly every: Duration
  /** Three passes at least fall into it. */
  readonly within: Duration
  readonly failing: Pick<Watch, 'wrong' | 'means' | 'remedy' | 'unsafe'>
  readonly throttled: Pick<Watch, 'wrong' | 'means'>
  readonly absent: Pick<Watch, 'wrong' | 'means' | 'unsafe'>
}

/** Of the passes within. One is a broker restart, and the next pass mends it. */
const FAILED_PASSES = 3

/** When the passes of a scheduled function do not happen at all. */
export const passWatches = (passes: WatchedPasses): readonly Watch[] => {
  const { id, function: made, within: period, failing, throttled } = passes
  return [
    { id: `${id}-errors`, metric: made.metricErrors({ period }), threshold: FAILED_PASSES, ...failing },
    {
      id: `${id}-throttles`,
      metric: made.metricThrottles({ period }),
      threshold: FAILED_PASSES,
      ...throttled,
      remedy: 'Raise the concurrency of the account.',
    },
    absence(passes),
  ]
}

/** Nobody measures what does not run, so that here no value is the worst one. */
const absence = ({ id, function: made, every, within, absent }: WatchedPasses): Watch => {
  const periods = within.toSeconds() / every.toSeconds()
  return {
    id: `${id}-absent`,
    metric: made.metricInvocations({ period: every }),
    threshold: 1,
    firesWhen: 'below',
    periods: { bad: periods, of: periods },
    missing: 'bad',
    ...absent,
    remedy:
      'Enable its schedule in EventBridge Scheduler, or deploy the stack again if the schedule or its role is gone.',
  }
}
