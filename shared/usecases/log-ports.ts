import type { ReplicationError } from '../domain/errors.ts'
import type { LogContent } from '../domain/log-record.ts'
import type { PartitionId } from '../domain/record.ts'
import type { Deadline } from './ports.ts'

/** Where the log of a partition begins and ends. */
export interface LogEdges {
  /** The first offset that retention has left. */
  readonly start: bigint
  /** Below it every transaction is decided: where readers of committed records end. */
  readonly stableEnd: bigint
  /** The offset after the last one that every in-sync replica has. */
  readonly end: bigint
}

export interface NewestRecord {
  readonly offset: bigint
  /** Milliseconds since 1970. */
  readonly timestamp: number
}

/**
 * - `committed`: up to the stable end, without records of aborted transactions.
 * - `marked`: up to the stable end, and records of aborted transactions say that they are.
 * - `uncommitted`: up to the end, and nobody can tell what was aborted.
 */
export type Isolation = 'committed' | 'marked' | 'uncommitted'

export interface ReadLimits {
  /** Of what the broker sends; one record that is larger comes all the same. */
  readonly maxBytes: number
  readonly isolation: Isolation
}

/**
 * What a fetch brought, or part of it. `out-of-range`: the offset that was asked for is below the start, since retention or somebody
 * deleted what was there, or beyond the end.
 */
export type LogRead =
  | ({ readonly kind: 'read' } & LogContent)
  | { readonly kind: 'out-of-range'; readonly edges: LogEdges }

/** By `partitionName`; every partition that was asked for has an answer. */
export type PerPartition<Answer> = ReadonlyMap<string, Answer | ReplicationError>

/**
 * The logs of one cluster, for whoever looks at them without replicating. Questions about many partitions cost one request
 * a leader and kind, whatever their number; what is wrong with one partition stops no other. Errors: `SOURCE_UNREACHABLE` or
 * `TARGET_UNREACHABLE`, `SOURCE_TOPIC_UNKNOWN` or `TARGET_TOPIC_UNKNOWN`, `TOPIC_DENIED`, `LOGIN_REFUSED`, `LOG_DAMAGED`.
 */
export interface LogReader {
  /** Never throws. */
  edges(partitions: readonly PartitionId[], deadline: Deadline): Promise<PerPartition<LogEdges>>
  /** The record with the newest timestamp; `undefined` when there is no record. Never throws. */
  newest(partitions: readonly PartitionId[], deadline: Deadline): Promise<PerPartition<NewestRecord | undefined>>
  /** The first offset with this timestamp (milliseconds since 1970) or a later one; `undefined`: there is none. Never throws. */
  firstSince(
    partitions: readonly PartitionId[],
    timestamp: number,
    deadline: Deadline,
  ): Promise<PerPartition<bigint | undefined>>
  /**
   * What one fetch brings from an offset on, piece by piece: each goes on where the one before it ended, and there is one at
   * least, without content when there is nothing yet. A piece holds a few MiB and one record, however large the batch is that
   * it is unpacked from; what is larger than that throws `RECORD_TOO_LARGE`. Whoever does not want the rest returns it.
   */
  pieces(partition: PartitionId, from: bigint, limits: ReadLimits, deadline: Deadline): AsyncGenerator<LogRead>
  /** The first piece alone. Throws. */
  read(partition: PartitionId, from: bigint, limits: ReadLimits, deadline: Deadline): Promise<LogRead>
}
