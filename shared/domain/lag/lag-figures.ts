import type { PartitionId } from '../record.ts'
import { goneUnreplicated, oldestSince, type PartitionLook, recordsBehind } from './partition-look.ts'
import { timeToLossMs } from './time-to-loss.ts'

/** How far the target is behind, of a partition, a topic or a link. */
export interface LagFigures {
  /** Records on the source that are not replicated. */
  readonly records: number
  /** How long the oldest of them has been waiting there, at most the time between two looks too long. */
  readonly lagMs: number
  /** Nobody saw it come, so that it may wait for longer. */
  readonly atLeast?: true
  /** How long until retention on the source takes a record that was not replicated; absent: none is in danger. */
  readonly timeToLossMs?: number
  /** Source offsets that retention took before they were replicated, while nobody has told what was in them. */
  readonly gone: number
  /** Offsets a second by which the source grew since the look before; absent: there was none. */
  readonly recordsPerSecond?: number
}

export interface PartitionLag extends PartitionId, LagFigures {
  /** When the source last told of it; the figures are as of then, but for the time that records wait. */
  readonly seenAt: number
}

export interface TopicLag extends LagFigures {
  readonly topic: string
}

/** `before`: the look before this one. */
export const lagOf = (
  look: PartitionLook,
  before: PartitionLook | undefined,
  retentionMs: number | undefined,
  now: number,
): PartitionLag => {
  const waiting = oldestSince(look)
  const untilLossMs = timeToLossMs(look, retentionMs, now)
  const recordsPerSecond = rateOf(look, before)
  return {
    topic: look.topic,
    partition: look.partition,
    seenAt: look.at,
    records: recordsBehind(look),
    lagMs: waiting === undefined ? 0 : Math.max(0, now - waiting.since),
    ...(waiting?.atLeast && { atLeast: true }),
    ...(untilLossMs !== undefined && { timeToLossMs: untilLossMs }),
    gone: goneUnreplicated(look),
    ...(recordsPerSecond !== undefined && { recordsPerSecond }),
  }
}

const rateOf = (look: PartitionLook, before: PartitionLook | undefined): number | undefined => {
  if (before?.incarnation !== look.incarnation || before.at >= look.at || look.end < before.end) return undefined
  return (Number(look.end - before.end) * 1_000) / (look.at - before.at)
}

/** Of all together: records add up, and the worst of the times counts. */
export const together = (parts: readonly LagFigures[]): LagFigures => {
  const longest = parts.reduce<LagFigures | undefined>(
    (one, other) => (one && one.lagMs >= other.lagMs ? one : other),
    undefined,
  )
  const losses = parts.flatMap((part) => part.timeToLossMs ?? [])
  const rates = parts.flatMap((part) => part.recordsPerSecond ?? [])
  return {
    records: sum(parts.map(({ records }) => records)),
    lagMs: longest?.lagMs ?? 0,
    ...(longest?.atLeast && { atLeast: true }),
    ...(losses.length > 0 && { timeToLossMs: Math.min(...losses) }),
    gone: sum(parts.map(({ gone }) => gone)),
    ...(rates.length > 0 && { recordsPerSecond: sum(rates) }),
  }
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)

/** By topic, the worst first. */
export const topicLags = (partitions: readonly PartitionLag[]): readonly TopicLag[] =>
  [...Map.groupBy(partitions, ({ topic }) => topic)]
    .map(([topic, ofTopic]) => ({ topic, ...together(ofTopic) }))
    .sort(byLag)

/** Those that wait longest, and of those that wait equally long the ones with most records. */
export const worstOf = (partitions: readonly PartitionLag[], count: number): readonly PartitionLag[] =>
  partitions
    .filter(({ records, gone }) => records > 0 || gone > 0)
    .sort(byLag)
    .slice(0, count)

const byLag = (one: LagFigures, other: LagFigures): number => other.lagMs - one.lagMs || other.records - one.records
