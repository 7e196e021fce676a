import type { ReplicationError } from '../domain/errors.ts'
import type { Gap, Head, LinkStatus, Page } from '../domain/head.ts'
import type { PartitionBatch, PartitionId, PolledRecord } from '../domain/record.ts'

/** Until when a step may take; `signal` fires at `at`, and whoever holds sockets lets go of them. */
export interface Deadline {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly signal: AbortSignal
}

/** Records `first` to `first + count - 1` of a batch are on the target from offset `target` on, acknowledged by all in-sync replicas. */
export interface Placement {
  readonly first: number
  readonly count: number
  readonly target: bigint
}

/**
 * What became of one partition's records. `placed` is a prefix, in order, without holes. `stopped` says why the record
 * after it is not there: `refused`, the target will never take that one record; `failed`, anything else. Absent when
 * every record is placed.
 */
export interface AppendOutcome {
  readonly placed: readonly Placement[]
  /** Bytes of the acknowledged record batches, as sent. */
  readonly bytes: number
  readonly stopped?: { readonly kind: 'refused' | 'failed'; readonly error: ReplicationError }
}

/** The log of the target cluster. Never throws for what a broker answers; never tries again after an unknown outcome. */
export interface TargetLog {
  /** `batch.topic` is the name on the target. Calls for several partitions made in the same tick share requests per leader. */
  append(batch: PartitionBatch, deadline: Deadline): Promise<AppendOutcome>
}

export interface SourcePartition extends PartitionId {
  /** Kafka's topic id, 22 base64url characters. */
  readonly incarnation: string
  /** The first offset that retention has left. */
  readonly logStart: bigint
}

/** What only the source cluster can tell. Throws `SOURCE_UNREACHABLE`, `SOURCE_TOPIC_UNKNOWN` or `LOGIN_REFUSED`. */
export interface SourceLog {
  describe(partition: PartitionId, deadline: Deadline): Promise<SourcePartition>
}

export interface LinkSnapshot {
  readonly status: LinkStatus
  /** By `partitionName`; a partition that was never replicated is absent. */
  readonly heads: ReadonlyMap<string, Head>
}

/** `advanced`; or why not: somebody else moved the checkpoint, or a later epoch owns it. */
export type AdvanceOutcome = 'advanced' | 'checkpoint-moved' | 'epoch-stale'

/** The table of one link. Partitions are named as on the source. Throws `STATE_UNREACHABLE`, `STATE_THROTTLED` or `STATE_MALFORMED`. */
export interface LinkState {
  /** Strongly consistent, one round trip for up to 99 partitions. */
  read(partitions: readonly PartitionId[], deadline: Deadline): Promise<LinkSnapshot>
  /** Writes pages of closed runs; writing the same page again changes nothing. */
  seal(partition: PartitionId, pages: readonly Page[], deadline: Deadline): Promise<void>
  /** Replaces the head, when it is still the one that was read (`undefined`: there is none yet). */
  advance(partition: PartitionId, from: Head | undefined, to: Head, deadline: Deadline): Promise<AdvanceOutcome>
  /** Adds to the gap ledger; adding the same gap again changes nothing. */
  recordGap(partition: PartitionId, gap: Gap, deadline: Deadline): Promise<void>
}

/** The offset map as it is read for translation, by source or by target offset. At most two reads whatever the history. */
export interface OffsetMapPages {
  /** The page with the greatest first source offset that is not above `source`. */
  pageAtSource(partition: PartitionId, incarnation: string, source: bigint): Promise<Page | undefined>
  /** The page with the smallest first source offset that is above `source`. */
  pageAfterSource(partition: PartitionId, incarnation: string, source: bigint): Promise<Page | undefined>
  /** The page with the greatest first target offset that is not above `target`. */
  pageAtTarget(partition: PartitionId, incarnation: string, target: bigint): Promise<Page | undefined>
  /** The page with the smallest first target offset that is above `target`. */
  pageAfterTarget(partition: PartitionId, incarnation: string, target: bigint): Promise<Page | undefined>
}

/** Where records go that the target refuses for good. Keeping the same record again overwrites it with the same bytes. */
export interface Quarantine {
  /** Returns where it is kept. Throws `QUARANTINE_UNREACHABLE`. */
  keep(partition: PartitionId, incarnation: string, record: PolledRecord, reason: string): Promise<string>
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
}
