import type { Logger } from '@aws-lambda-powertools/logger'
import type { Accounts } from '../../domain/lag/accounts.ts'
import type { LagFigures } from '../../domain/lag/lag-figures.ts'
import type { LagReport } from '../../domain/lag/lag-report.ts'
import { type MetricMeans, publishMetrics } from './link-metrics.ts'

/** Every metric of every topic is billed by the month; those that are not among them are less far behind. */
const MOST_TOPICS = 100
/** Of those to which most is written. What is replicated of every topic is told by who does it. */
const MOST_RATES = 20
/** As many as a person reads. */
const MOST_LOGGED = 20

/** Tells people and alarms of a sample: a line for the link, and in a whole one of topics, groups and the worst partitions. */
export const createLagTeller =
  (means: MetricMeans & { readonly logger: Logger }) =>
  (report: LagReport, { whole }: { readonly whole: boolean }): void => {
    publishMetrics(means, [undefined], ofLink(report, whole))
    if (!whole) return
    for (const { topic, ...figures } of report.topics.slice(0, MOST_TOPICS))
      publishMetrics(means, [topic], ofLag(figures))
    for (const { topic, recordsPerSecond } of busiest(report))
      publishMetrics(means, [topic], { SourceRecordsPerSecond: recordsPerSecond })
    const { logger } = means
    const { worst, failover, unseen, unmeasured, accounts, troubles } = report
    for (const trouble of troubles) logger.warn('source not seen', { trouble })
    if (unmeasured > 0) logger.error('partitions not measured', { unmeasured, unseen })
    if (worst.length > 0 || unseen > 0) logger.info('partitions behind', { worst, unseen })
    if (accounts !== undefined && accounts.topics.length > 0)
      logger.info('gaps', { topics: accounts.topics.slice(0, MOST_LOGGED) })
    if (failover !== undefined && failover.worst.length > 0) logger.info('groups behind', { groups: failover.worst })
  }

interface Busy {
  readonly topic: string
  readonly recordsPerSecond: number
}

const busiest = ({ topics }: LagReport): readonly Busy[] =>
  topics
    .flatMap(({ topic, recordsPerSecond = 0 }) => (recordsPerSecond > 0 ? [{ topic, recordsPerSecond }] : []))
    .sort((one, other) => other.recordsPerSecond - one.recordsPerSecond)
    .slice(0, MOST_RATES)

const ofGaps = ({ link: { lost, quarantined, uncovered } }: Accounts) => ({
  GapRecords: lost + quarantined,
  ...(uncovered !== undefined && { UncoveredTargetRecords: uncovered }),
})

const ofLag = ({ records, lagMs }: LagFigures) => ({ LagRecords: records, LagSeconds: lagMs / 1_000 })

const ofLink = (report: LagReport, whole: boolean) => {
  const { at, lag, unmeasured, sourceUnreachableSince, failover, accounts, heartbeatAgeMs } = report
  return {
    ...ofLag(lag),
    ...(lag.timeToLossMs !== undefined && { TimeToLossSeconds: lag.timeToLossMs / 1_000 }),
    ...(lag.recordsPerSecond !== undefined && { SourceRecordsPerSecond: lag.recordsPerSecond }),
    GoneRecords: lag.gone,
    UnmeasuredPartitions: unmeasured,
    SourceUnreachableSeconds: sourceUnreachableSince === undefined ? 0 : (at - sourceUnreachableSince) / 1_000,
    ...(heartbeatAgeMs !== undefined && { HeartbeatAgeSeconds: heartbeatAgeMs / 1_000 }),
    FailoverLostRecords: lag.records,
    ...(whole && failover !== undefined && { FailoverRereadRecords: failover.reread }),
    ...(whole && accounts !== undefined && ofGaps(accounts)),
  }
}
