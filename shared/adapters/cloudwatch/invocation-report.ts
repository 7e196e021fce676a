import type { Logger } from '@aws-lambda-powertools/logger'
import type { METRICS, METRICS_BY_TOPIC } from '../../domain/metrics.ts'
import type { PartitionOutcome } from '../../domain/outcome.ts'
import { partitionName } from '../../domain/record.ts'
import type { GapAlarm, InvocationReport, MalformedPart } from '../../usecases/ports.ts'
import { type MetricMeans, publishMetrics } from './link-metrics.ts'

export interface ReportMeans extends MetricMeans {
  readonly logger: Logger
}

/**
 * An embedded-metric line of the link and one of each topic (an event source has one), one log line per invocation, and
 * one per partition that failed.
 */
export const createInvocationReport =
  (means: ReportMeans): InvocationReport =>
  (outcomes, malformed) => {
    const { logger } = means
    for (const [topic, ofTopic] of byTopic(outcomes)) {
      publishMetrics(means, [undefined], measure(ofTopic))
      publishMetrics(means, [topic], throughput(ofTopic))
    }
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

/** What is told when it is found out, and not once more with the rest of the invocation. */
type GapMetric = 'LostRecords' | 'QuarantinedRecords'

/** All that is told by topic: every metric of every topic is billed by the month, and logs say the rest. */
const throughput = (outcomes: readonly PartitionOutcome[]): Record<(typeof METRICS_BY_TOPIC)[number], number> => ({
  ReplicatedRecords: sum(outcomes, ({ replicated }) => replicated),
  ReplicatedBytes: sum(outcomes, ({ bytes }) => bytes),
})

/** The value of every other metric for the outcomes of one topic. */
const measure = (outcomes: readonly PartitionOutcome[]): Record<Exclude<keyof typeof METRICS, GapMetric>, number> => ({
  ...throughput(outcomes),
  RedeliveredRecords: sum(outcomes, ({ redelivered }) => redelivered),
  LoopedRecords: sum(outcomes, ({ looped }) => looped),
  UntrustedProvenance: sum(outcomes, ({ untrusted }) => untrusted),
  UnmappedTargetRecords: sum(outcomes, ({ unmapped }) => Number(unmapped)),
  RefusedRecords: sum(outcomes, ({ error }) => (error?.code === 'RECORD_REFUSED' ? 1 : 0)),
  FailedPartitions: sum(outcomes, ({ error }) => (error === undefined ? 0 : 1)),
  StandstillSeconds: most(outcomes, ({ standstillMs }) => standstillMs / 1_000),
  AppendMs: most(outcomes, ({ appendMs }) => appendMs),
  CheckpointWrites: sum(outcomes, ({ stateWrites }) => stateWrites),
})

/** A metric line and a log line for one gap, at once. */
export const createGapAlarm =
  (means: ReportMeans): GapAlarm =>
  (partition, { kind, from, to, reason }) => {
    const name = kind === 'lost' ? 'LostRecords' : 'QuarantinedRecords'
    publishMetrics(means, [undefined, partition.topic], { [name]: Number(to - from) })
    const what = { partition: partitionName(partition), kind, from: `${from}`, to: `${to}`, reason }
    means.logger.error(
      kind === 'lost' ? 'records are lost on the source before they were replicated' : 'a record went into quarantine',
      what,
    )
  }

const reportPartition = (logger: Logger, { error, ...outcome }: PartitionOutcome): void => {
  const partition = partitionName(outcome)
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
