import type { Logger } from '@aws-lambda-powertools/logger'
import type { LagFigures } from '../../domain/lag/lag-figures.ts'
import type { LagReport } from '../../domain/lag/lag-report.ts'
import { type MetricMeans, publishMetrics } from './link-metrics.ts'

/** Every metric of every topic is billed by the month; those that are not among them are less far behind. */
const MOST_TOPICS = 100

/** Tells people and alarms of a sample: a line for the link, and in a whole one of topics, groups and the worst partitions. */
export const createLagTeller =
  (means: MetricMeans & { readonly logger: Logger }) =>
  (report: LagReport, { whole }: { readonly whole: boolean }): void => {
    publishMetrics(means, [undefined], ofLink(report, whole))
    if (!whole) return
    for (const { topic, ...figures } of report.topics.slice(0, MOST_TOPICS))
      publishMetrics(means, [topic], ofLag(figures))
    const { logger } = means
    const { worst, failover, unseen, troubles } = report
    for (const trouble of troubles) logger.warn('source not seen', { trouble })
    if (worst.length > 0 || unseen > 0) logger.info('partitions behind', { worst, unseen })
    if (failover !== undefined && failover.worst.length > 0) logger.info('groups behind', { groups: failover.worst })
  }

const ofLag = ({ records, lagMs }: LagFigures) => ({ LagRecords: records, LagSeconds: lagMs / 1_000 })

const ofLink = ({ at, lag, sourceUnreachableSince, failover, heartbeatAgeMs }: LagReport, whole: boolean) => ({
  ...ofLag(lag),
  ...(lag.timeToLossMs !== undefined && { TimeToLossSeconds: lag.timeToLossMs / 1_000 }),
  ...(lag.recordsPerSecond !== undefined && { SourceRecordsPerSecond: lag.recordsPerSecond }),
  SourceUnreachableSeconds: sourceUnreachableSince === undefined ? 0 : (at - sourceUnreachableSince) / 1_000,
  ...(heartbeatAgeMs !== undefined && { HeartbeatAgeSeconds: heartbeatAgeMs / 1_000 }),
  FailoverLostRecords: lag.records,
  ...(whole && failover !== undefined && { FailoverRereadRecords: failover.reread }),
})
