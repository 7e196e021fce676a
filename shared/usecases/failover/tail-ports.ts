import type { ReplicationError } from '../../domain/errors.ts'
import type { TailPart } from '../../domain/failover/stranded-tail.ts'
import type { LogRecord } from '../../domain/log-record.ts'
import type { PartitionId } from '../../domain/record.ts'
import type { PerPartition } from '../log-ports.ts'
import type { Deadline } from '../ports.ts'
import type { PairState, PendingLedger } from './failover-ports.ts'

/** How far the tail of a failover is settled, in the table of the forward link. Throws errors whose codes begin with `STATE_`. */
export interface TailLedger {
  parts(execution: string, deadline: Deadline): Promise<readonly TailPart[]>
  /** Never goes back: `moved` when what is stored is further. */
  save(execution: string, part: TailPart, deadline: Deadline): Promise<'saved' | 'moved'>
}

/** All tails that failovers along the link have left, for whoever looks. Throws errors whose codes begin with `STATE_`. */
export interface TailHistory {
  /** By the name of the execution; one that stranded nothing is absent. */
  executions(deadline: Deadline): Promise<ReadonlyMap<string, readonly TailPart[]>>
}

/** Records of one partition as they are kept, `from` (inclusive) to `to` (exclusive); offsets without a record are none. */
export interface TailStretch extends PartitionId {
  readonly incarnation: string
  readonly from: bigint
  readonly to: bigint
  readonly records: readonly LogRecord[]
  /** Retention has taken it meanwhile, so that nobody knows what records there were. */
  readonly gone: boolean
}

/** Where a stretch is kept. */
export interface TailObject extends Omit<TailStretch, 'records' | 'gone'> {
  readonly key: string
}

/** Where operators read what was stranded along one link. */
export interface TailDesk {
  readonly history: TailHistory
  /** What a failover along the link still owes the cluster that it left. */
  readonly debts: Pick<PendingLedger, 'pending' | 'giveUp' | 'givenUp'>
  readonly pair: Pick<PairState, 'read'>
  /** Throws `CONFIG_INVALID` where nothing is deployed. */
  store(deadline: Deadline): Promise<ReadableTails>
  close(): void
}

export type ReadableTails = Pick<TailStore, 'place' | 'objects' | 'fetch'>

/** What is left of a stranded tail outside of Kafka. Throws `TAIL_UNREACHABLE`. */
export interface TailStore {
  /** For people, as in `s3://bucket/tails/<execution>`. */
  place(execution: string): string
  /** Keeping the same stretch again writes the same object. */
  keep(execution: string, stretch: TailStretch, deadline: Deadline): Promise<void>
  /** By partition, and within one by where they begin. */
  objects(execution: string, deadline: Deadline): AsyncGenerator<TailObject>
  /** Throws `TAIL_DAMAGED` for what is no stretch, or another one than its name says. */
  fetch(object: TailObject, deadline: Deadline): Promise<TailStretch>
}

/** Throws as a `LogReader`. */
export interface RecordDeletion {
  /**
   * Deletes all records below the offset, by partition; the log begins there. Deleting what is gone is done without a word.
   * Brokers refuse it for topics that are compacted and nothing else (`TOPIC_REFUSED`).
   */
  deleteBelow(
    offsets: readonly (PartitionId & { readonly offset: bigint })[],
    deadline: Deadline,
  ): Promise<PerPartition<'deleted' | ReplicationError>>
}
