import type { Logger } from '@aws-lambda-powertools/logger'
import type { Metrics } from '@aws-lambda-powertools/metrics'
import { LINK_DIMENSION, METRICS, type MetricName, TOPIC_DIMENSION } from '../../domain/metrics.ts'
import type { PartitionOutcome } from '../../domain/outcome.ts'
import { partitionName } from '../../domain/record.ts'
import type { InvocationReport, MalformedPart } from '../../usecases/ports.ts'

/**
 * One embedded-metric line per topic (an event source has one topic, so one line per invocation) under the dimensions
 * `link` and `link, topic`, one log line per invocation, and one per partition that failed or lost something.
 */
export const createInvocationReport =
  ({ link, logger, metrics }: { link: string; logger: Logger; metrics: Metrics }): InvocationReport =>
  (outcomes, malformed) => {
    for (const [topic, ofTopic] of byTopic(outcomes)) publishMetrics(metrics, link, topic, measure(ofTopic))
    for (const { where, error } of malformed)
      logger.error('malformed part of the event', { where, code: error.code, error })
    for (const outcome of outcomes) reportPartition(logger, outcome)
    logger.info('replicated', { ...summarise(outcomes, malformed) })
  }

const byTopic = (outcomes: readonly PartitionOutcome[]): Map<string, PartitionOutcome[]> =>
  Map.groupBy(outcomes, ({ topic }) => topic)

const sum = (outcomes: readonly PartitionOutcome[], count: (outcome: PartitionOutcome) => number): number =>
  outcomes.reduce((total, outcome) => total + count(outcome), 0)

const most = (outcomes: readonly PartitionOutcome[], count: (outcome: PartitionOutcome) => number): number =>
  outcomes.reduce((top, outcome) => Math.max(top, count(outcome)), 0)

/** The value of every metric for the outcomes of one topic. */
export const measure = (outcomes: readonly PartitionOutcome[]): Record<MetricName, number> => ({
  ReplicatedRecords: sum(outcomes, ({ replicated }) => replicated),
  ReplicatedBytes: sum(outcomes, ({ bytes }) => bytes),
  RedeliveredRecords: sum(outcomes, ({ redelivered }) => redelivered),
  UnmappedTargetRecords: sum(outcomes, ({ unmapped }) => Number(unmapped)),
  LostRecords: sum(outcomes, ({ lost }) => Number(lost)),
  QuarantinedRecords: sum(outcomes, ({ quarantined }) => quarantined),
  RefusedRecords: sum(outcomes, ({ error }) => (error?.code === 'RECORD_REFUSED' ? 1 : 0)),
  FailedPartitions: sum(outcomes, ({ error }) => (error === undefined ? 0 : 1)),
  StandstillSeconds: most(outcomes, ({ standstillMs }) => standstillMs / 1_000),
  AppendMs: most(outcomes, ({ appendMs }) => appendMs),
  CheckpointWrites: sum(outcomes, ({ stateWrites }) => stateWrites),
})

const publishMetrics = (metrics: Metrics, link: string, topic: string, values: Record<MetricName, number>): void => {
  metrics.clearDefaultDimensions() // Powertools adds `service`, and an alarm finds a metric only by exactly its dimensions
  metrics.setDefaultDimensions({ [LINK_DIMENSION]: link })
  metrics.addDimensions({}) // each call is one set of dimensions, and the default is part of every set
  metrics.addDimensions({ [TOPIC_DIMENSION]: topic })
  for (const name of Object.keys(METRICS) as MetricName[]) metrics.addMetric(name, METRICS[name].unit, values[name])
  metrics.publishStoredMetrics()
}

const reportPartition = (logger: Logger, { error, ...outcome }: PartitionOutcome): void => {
  const partition = partitionName(outcome)
  if (outcome.lost > 0n)
    logger.error('retention took records before they were replicated', { partition, lost: `${outcome.lost}` })
  if (outcome.quarantined > 0)
    logger.warn('records went into quarantine', { partition, quarantined: outcome.quarantined })
  if (outcome.unmapped > 0n)
    logger.warn('target offsets that no run covers', { partition, unmapped: `${outcome.unmapped}` })
  if (error !== undefined) logger.error('partition failed', { partition, code: error.code, error })
}

const summarise = (outcomes: readonly PartitionOutcome[], malformed: readonly MalformedPart[]) => {
  const { ReplicatedRecords, ReplicatedBytes, RedeliveredRecords, FailedPartitions, AppendMs } = measure(outcomes)
  return {
    partitions: outcomes.length,
    records: ReplicatedRecords,
    bytes: ReplicatedBytes,
    redelivered: RedeliveredRecords,
    failed: FailedPartitions + malformed.length,
    appendMs: AppendMs,
  }
}
