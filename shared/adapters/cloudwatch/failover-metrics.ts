import type { FailoverFigures } from '../../domain/failover/failover-watch.ts'
import { type MetricMeans, publishMetrics } from './link-metrics.ts'

/** Tells alarms whether a failover waits for somebody, and how long ago one was practised. */
export const createFailoverGauge =
  (means: MetricMeans) =>
  ({ approvalPending, held, drillAgeDays }: FailoverFigures): void =>
    publishMetrics(means, [undefined], {
      ApprovalPending: approvalPending ? 1 : 0,
      FailoverHeld: held ? 1 : 0,
      ...(drillAgeDays !== undefined && { DrillAgeDays: drillAgeDays }),
    })
