import type { ReplicationError } from './errors.ts'
import type { Head } from './head.ts'
import type { PartitionBatch, PartitionId } from './record.ts'

/** What became of one partition's batch; counts are of records. */
export interface PartitionOutcome extends PartitionId {
  readonly replicated: number
  /** Bytes sent to the target and acknowledged. */
  readonly bytes: number
  /** Records that were on the target already. */
  readonly redelivered: number
  /** Records that came from the target, and were not copied back to it. */
  readonly looped: number
  /** Records that were replicated although they bore a provenance header, since it is not their own. */
  readonly untrusted: number
  /** Source offsets that retention took before they were replicated. */
  readonly lost: bigint
  readonly quarantined: number
  /** Target offsets before the appended records that no run covers; 0 where applications write to the target as well. */
  readonly unmapped: bigint
  /** Milliseconds since the checkpoint last moved; 0 when the batch was replicated whole. */
  readonly standstillMs: number
  /** Milliseconds spent appending. */
  readonly appendMs: number
  /** Writes to the link's table: the checkpoint, and pages and gaps when there were any. */
  readonly stateWrites: number
  readonly error?: ReplicationError
}

/** The outcome of a batch of which nothing was done. */
export const nothing = ({ topic, partition }: PartitionBatch): PartitionOutcome => ({
  topic,
  partition,
  replicated: 0,
  bytes: 0,
  redelivered: 0,
  looped: 0,
  untrusted: 0,
  lost: 0n,
  quarantined: 0,
  unmapped: 0n,
  standstillMs: 0,
  appendMs: 0,
  stateWrites: 0,
})

/** The outcome of a partition that could not even be tried, or that broke off. */
export const failedOutcome = (
  batch: PartitionBatch,
  head: Head | undefined,
  error: ReplicationError,
  now: number,
): PartitionOutcome => ({ ...nothing(batch), standstillMs: standstill(batch, head, now), error })

/**
 * How long a failing partition has been waiting: since its checkpoint moved, or, when it was quiet then, since its next
 * record. A timestamp in the future says nothing about that.
 */
export const standstill = (batch: PartitionBatch, head: Head | undefined, now: number): number => {
  const [{ timestamp }] = batch.records
  const waitingSince = timestamp > now ? (head?.updatedAt ?? now) : Math.max(timestamp, head?.updatedAt ?? timestamp)
  return Math.max(0, now - waitingSince)
}
