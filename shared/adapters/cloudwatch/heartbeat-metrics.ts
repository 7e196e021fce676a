import type { Logger } from '@aws-lambda-powertools/logger'
import type { BeatReport } from '../../usecases/heartbeat/beat.ts'
import { type MetricMeans, publishMetrics } from './link-metrics.ts'

/** Tells people and alarms what an invocation has beaten. */
export const createBeatTeller =
  (means: MetricMeans & { readonly logger: Logger }) =>
  (report: BeatReport): void => {
    publishMetrics(means, [undefined], { HeartbeatsSent: report.sent })
    if (report.skipped > 0)
      means.logger.warn('beats were missed for so long that they are not made up for', { ...report })
    else means.logger.info('beaten', { ...report })
  }

/** Tells how long beats took from the source to being remembered as replicated. */
export const createLatencyTeller =
  (means: MetricMeans) =>
  (latencies: readonly number[]): void => {
    if (latencies.length > 0) publishMetrics(means, [undefined], { HeartbeatLatencyMs: latencies })
  }
