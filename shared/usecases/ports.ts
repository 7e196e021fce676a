import type { ReplicationError } from '../domain/errors.ts'
import type { Gap, Head, LinkStatus, Page } from '../domain/head.ts'
import type { PartitionOutcome } from '../domain/outcome.ts'
import type { Placement } from '../domain/placement.ts'
import type { PartitionBatch, PartitionId, PolledRecord } from '../domain/record.ts'
import type { SourceCommit } from '../domain/source-commit.ts'

/** Until when a step may take; `signal` fires at `at`, and whoever holds sockets lets go of them. */
export interface Deadline {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly signal: AbortSignal
}

/** A deadline that whoever started it ends. */
export interface StartedDeadline extends Deadline {
  end(): void
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
  /** Kafka's `cluster.id`, asked once. Throws `TARGET_UNREACHABLE` or `LOGIN_REFUSED`. */
  clusterId(deadline: Deadline): Promise<string>
}

/** A partition as it is named on the source, and where it goes. */
export interface ReplicaId extends PartitionId {
  readonly targetTopic: string
}

/** Writes one partition of the target in transactions that carry the source offset as well. */
export interface PartitionWriter {
  /** What the last transaction of the partition committed; `undefined`: there was none, or the target has forgotten it. */
  readonly committed: SourceCommit | undefined
  /**
   * One transaction: the records, and the commit that is made of where they got to. `from` is the checkpoint it starts at.
   * `records` may be empty. When a record is refused, what was placed before it is committed; after anything else the
   * transaction is aborted and nothing is placed. `commitOf` is called once everything is placed, unless that is nothing
   * because the first record was refused; when it throws, the transaction is aborted. Never throws.
   */
  append(
    from: bigint,
    records: readonly PolledRecord[],
    commitOf: (placed: readonly Placement[]) => Promise<SourceCommit>,
    deadline: Deadline,
  ): Promise<AppendOutcome>
}

/** Exactly-once appends to the target cluster. */
export interface TargetTransactions {
  /**
   * The writer that this process has for the partition, when it stands at `nextSource`; else a new one. That fences every
   * other writer of the partition, in whatever process, and waits for the end of what it had begun. Throws
   * `TARGET_UNREACHABLE`, `TARGET_DENIED`, `LOGIN_REFUSED`, `CHECKPOINT_MOVED` or `TRANSACTION_BROKEN`.
   */
  writer(replica: ReplicaId, nextSource: bigint | undefined, deadline: Deadline): Promise<PartitionWriter>
}

export interface SourcePartition extends PartitionId {
  /** Kafka's topic id, 22 base64url characters. */
  readonly incarnation: string
  /** The first offset that retention has left. */
  readonly logStart: bigint
  /** The offset after the last one that every in-sync replica has. */
  readonly logEnd: bigint
}

/** What only the source cluster can tell. Throws `SOURCE_UNREACHABLE`, `SOURCE_TOPIC_UNKNOWN` or `LOGIN_REFUSED`. */
export interface SourceLog {
  describe(partition: PartitionId, deadline: Deadline): Promise<SourcePartition>
  /**
   * The topic's id when it is another one than `incarnation`. Asked at most once a minute and topic as long as it is the
   * same. `undefined`: it is, or nobody can tell now; never throws and never takes long, since the poller has read the
   * records whether the source is still there or not.
   */
  otherIncarnation(topic: string, incarnation: string, deadline: Deadline): Promise<string | undefined>
  /** Kafka's `cluster.id`, asked once. */
  clusterId(deadline: Deadline): Promise<string>
}

export interface LinkSnapshot {
  readonly status: LinkStatus
  /** By `partitionName`; a partition that was never replicated is absent, one whose head makes no sense is an error. */
  readonly heads: ReadonlyMap<string, Head | ReplicationError>
}

/** `advanced`; or why not: somebody else moved the checkpoint, or a later epoch owns it. */
export type AdvanceOutcome = 'advanced' | 'checkpoint-moved' | 'epoch-stale'

/** The table of one link. Partitions are named as on the source. Throws errors whose codes begin with `STATE_`. */
export interface LinkState {
  /** Strongly consistent, one round trip for up to 99 partitions. */
  read(partitions: readonly PartitionId[], deadline: Deadline): Promise<LinkSnapshot>
  /** Writes pages of closed runs; writing the same page again changes nothing. */
  seal(partition: PartitionId, pages: readonly Page[], deadline: Deadline): Promise<void>
  /**
   * Replaces the head, when it is still the one that was read (`undefined`: there is none yet). A checkpoint that goes back
   * comes by the same offsets again: then the runs have to be those that were read as well.
   */
  advance(partition: PartitionId, from: Head | undefined, to: Head, deadline: Deadline): Promise<AdvanceOutcome>
  /**
   * The life of a topic of the source that the link follows, as who keeps topics in step last wrote it down; absent: nobody
   * does, or has not met the topic yet.
   */
  followedLife(topic: string, deadline: Deadline): Promise<string | undefined>
  /**
   * Where the log of a partition began when whoever measures the lag first looked at this life of its topic; absent: nobody
   * did, or something of it was replicated.
   */
  firstStart(partition: PartitionId, incarnation: string, deadline: Deadline): Promise<bigint | undefined>
  /** Adds to the gap ledger; adding the same gap again changes nothing. */
  recordGap(partition: PartitionId, gap: Gap, deadline: Deadline): Promise<void>
}

/** The sealed part of the offset map, as it is read for translation; pages past their retention are as good as deleted. */
export interface OffsetMapPages {
  /** The page with the greatest first source offset that is not above `source`. */
  pageAtSource(
    partition: PartitionId,
    incarnation: string,
    source: bigint,
    deadline: Deadline,
  ): Promise<Page | undefined>
  /** The last page with a record that is on the target at or below `target`; looped runs are no such records. */
  pageAtTarget(
    partition: PartitionId,
    incarnation: string,
    target: bigint,
    deadline: Deadline,
  ): Promise<Page | undefined>
  oldestPage(partition: PartitionId, incarnation: string, deadline: Deadline): Promise<Page | undefined>
}

/** For maps that are void, since what they tell of was deleted on purpose. */
export interface PageRemoval {
  /** All sealed pages of one life, oldest first; expired ones among them. */
  sealed(partition: PartitionId, incarnation: string, deadline: Deadline): Promise<readonly Page[]>
  /** Takes these pages away; one that is another one by now stays, and one that is gone is no matter. */
  unseal(partition: PartitionId, pages: readonly Page[], deadline: Deadline): Promise<void>
}

/** What became of a record that was put back: this call marked it, an earlier one did, or the ledger knows no such gap. */
export type ReplayMark = 'marked' | 'already-replayed' | 'unknown'

/** The gaps of one partition, for operators. */
export interface GapLedger {
  /** Of all incarnations; within one they ascend by `from`, and may overlap when a batch was cut differently the second time. */
  gaps(partition: PartitionId, deadline: Deadline): Promise<readonly Gap[]>
  /** `at`: milliseconds since 1970. */
  markReplayed(partition: PartitionId, gap: Gap, at: number, deadline: Deadline): Promise<ReplayMark>
}

/** The link as a whole, for operators and the failover. */
export interface LinkControl {
  /** Reads the whole table: for an operator's command, not for a schedule. */
  partitions(deadline: Deadline): Promise<readonly PartitionId[]>
  /** `moved`: the status is no longer `from`. */
  setStatus(from: LinkStatus, to: LinkStatus, deadline: Deadline): Promise<'changed' | 'moved'>
}

/** A record that the target refused for good, whole, and where it came from. */
export interface QuarantinedRecord extends PartitionId {
  readonly incarnation: string
  /** What the target said. */
  readonly reason: string
  readonly record: PolledRecord
}

/** Where records go that the target refuses for good. Throws `QUARANTINE_UNREACHABLE`. */
export interface Quarantine {
  /** Returns where it is kept. Keeping the same record again overwrites it with the same bytes. */
  keep(partition: PartitionId, incarnation: string, record: PolledRecord, reason: string): Promise<string>
  fetch(storedAt: string): Promise<QuarantinedRecord>
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
}

/** A part of an event that is not what AWS documents; `where` names it without its content. */
export interface MalformedPart {
  readonly where: string
  readonly error: ReplicationError
}

/**
 * Tells people and alarms of a gap, before the checkpoint passes it: whoever dies after that has told it already. Told
 * again when the batch comes again before its checkpoint was written.
 */
export type GapAlarm = (partition: PartitionId, gap: Gap) => void

/** Tells people and alarms what an invocation did: metrics and logs with coordinates, sizes and codes, never payloads. */
export type InvocationReport = (outcomes: readonly PartitionOutcome[], malformed: readonly MalformedPart[]) => void
