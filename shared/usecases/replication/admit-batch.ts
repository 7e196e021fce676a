import { ReplicationError } from '../../domain/errors.ts'
import type { Head, LinkStatus } from '../../domain/head.ts'
import { decideIntake } from '../../domain/intake.ts'
import type { Admission } from '../../domain/progress.ts'
import { batchName, type PartitionBatch } from '../../domain/record.ts'
import type { Deadline, LinkState, SourceLog } from '../ports.ts'

export const refuseStaleEpoch = (batch: PartitionBatch, head: Head | undefined, { epoch }: LinkStatus): void => {
  if (head === undefined || head.epoch <= epoch) return
  throw new ReplicationError(
    'EPOCH_STALE',
    `replicating ${batchName(batch)}: its checkpoint was written in epoch ${head.epoch}, the link is in epoch ${epoch}`,
  )
}

/** Finds out which records are new, asking the source whatever the checkpoint cannot tell. */
export const admit = async (
  batch: PartitionBatch,
  head: Head | undefined,
  deadline: Deadline,
  { source, state }: { readonly source: SourceLog; readonly state: Pick<LinkState, 'followedLife' | 'firstStart'> },
): Promise<{ admission: Admission; first: number }> => {
  const intake = decideIntake(head, batch)
  if (intake.kind === 'other-incarnation')
    throw otherIncarnation(batch, 'the record before the checkpoint is another one')
  if (intake.kind === 'fresh' && head !== undefined) {
    const { incarnation, nextSource: start } = head
    const isProven = intake.first > 0
    const other = isProven ? undefined : await source.otherIncarnation(batch.topic, incarnation, deadline)
    if (other !== undefined) throw otherTopicId(batch, head, other)
    return { admission: { incarnation, start, logStart: undefined }, first: intake.first }
  }
  const { incarnation, logStart, logEnd } = await source.describe(batch, deadline)
  if (head === undefined) await refuseOtherLife(batch, { incarnation, logEnd }, deadline, state)
  if (head !== undefined && head.incarnation !== incarnation) throw otherTopicId(batch, head, incarnation)
  if (head !== undefined && logEnd < head.nextSource) throw truncated(batch, head, logEnd)
  const start = head?.nextSource ?? (await beginningOf(batch, { incarnation, logStart }, deadline, state))
  return { admission: { incarnation, start, logStart }, first: intake.first }
}

/**
 * Where the replication of a partition begins: with its first record, or with what retention took since somebody first
 * looked at it, so that this is found to be lost.
 */
const beginningOf = async (
  batch: PartitionBatch,
  { incarnation, logStart }: { readonly incarnation: string; readonly logStart: bigint },
  deadline: Deadline,
  state: Pick<LinkState, 'firstStart'>,
): Promise<bigint> => {
  const firstOffset = BigInt(batch.records[0].offset)
  const firstStart = (await state.firstStart(batch, incarnation, deadline)) ?? logStart
  return [logStart, firstStart].reduce((first, one) => (one < first ? one : first), firstOffset)
}

/**
 * No event says which life of a topic its records are of, and a batch may be older than the answer of the source: before
 * there is a checkpoint to compare with, records of a topic that was deleted would pass for those of its successor.
 */
const refuseOtherLife = async (
  batch: PartitionBatch,
  { incarnation, logEnd }: { readonly incarnation: string; readonly logEnd: bigint },
  deadline: Deadline,
  state: Pick<LinkState, 'followedLife'>,
): Promise<void> => {
  const last = batch.records.at(-1)?.offset ?? 0
  if (logEnd <= BigInt(last))
    throw otherIncarnation(batch, `the source ends at offset ${logEnd}, before its last record`)
  const followed = await state.followedLife(batch.topic, deadline)
  if (followed === undefined || followed === incarnation) return
  throw otherIncarnation(batch, `its topic id is ${incarnation}, and the link still follows ${followed}`)
}

/** What lies below the checkpoint may be other records than those that were replicated under the same offsets. */
const truncated = (batch: PartitionBatch, { nextSource }: Head, logEnd: bigint): ReplicationError => {
  const because = `the source ends at offset ${logEnd}, below the checkpoint ${nextSource}`
  return new ReplicationError(
    'SOURCE_TRUNCATED',
    `replicating ${batchName(batch)}: ${because}; nothing was appended or dropped`,
  )
}

const otherTopicId = (batch: PartitionBatch, { incarnation }: Head, topicId: string): ReplicationError =>
  otherIncarnation(batch, `its topic id is ${topicId}, the checkpoint was written for ${incarnation}`)

const otherIncarnation = (batch: PartitionBatch, because: string): ReplicationError =>
  new ReplicationError(
    'INCARNATION_CHANGED',
    `replicating ${batchName(batch)}: ${because}; nothing was appended or dropped`,
  )
