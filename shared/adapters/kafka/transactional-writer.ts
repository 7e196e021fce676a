import { asReplicationError, type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import type { Placement } from '../../domain/placement.ts'
import { type PolledRecord, partitionName } from '../../domain/record.ts'
import type { SourceCommit } from '../../domain/source-commit.ts'
import type { AppendOutcome, Deadline, PartitionWriter, ReplicaId } from '../../usecases/ports.ts'
import type { Coordinator, Told } from './coordinator.ts'
import { type AppendMeans, PartitionAppend } from './partition-append.ts'
import { findLeader } from './partition-leader.ts'
import { Patience } from './patience.ts'
import type { Producer } from './producer-ids.ts'
import { addOffsetsToTxnRequest } from './requests/add-offsets-to-txn-request.ts'
import { addPartitionsToTxnRequest } from './requests/add-partitions-to-txn-request.ts'
import { endTxnRequest } from './requests/end-txn-request.ts'
import { txnOffsetCommitRequest } from './requests/txn-offset-commit-request.ts'
import type { TransactionId } from './transaction-id.ts'

export interface WriterMeans {
  /** With an outbox and a producer that belong to the transactional id. */
  readonly append: AppendMeans
  readonly producer: Producer
  readonly transactionalId: string
  readonly group: string
  readonly ofTransaction: Pick<Coordinator, 'tell'>
  readonly ofGroup: Pick<Coordinator, 'tell'>
}

type State = 'ready' | 'busy' | 'over'

/**
 * One epoch of a partition's transactional id. It is over with the first transaction that is not committed for certain:
 * a request that got lost may arrive during the next transaction of the same epoch and decide that one.
 */
export class TransactionalWriter implements PartitionWriter {
  committed: SourceCommit | undefined
  readonly #replica: ReplicaId
  readonly #means: WriterMeans
  readonly #id: TransactionId
  #state: State = 'ready'
  /** The checkpoint after its last transaction; `undefined`: it has made none. */
  #standsAt: bigint | undefined

  constructor(replica: ReplicaId, committed: SourceCommit | undefined, means: WriterMeans) {
    this.#replica = replica
    this.committed = committed
    this.#means = means
    const { transactionalId, producer } = means
    this.#id = { transactionalId, producerId: producer.id, producerEpoch: producer.epoch }
  }

  /** Whether it alone has written to the partition up to this checkpoint, and may go on from there. */
  standsAt(nextSource: bigint | undefined, now: number): boolean {
    const usable = this.#state === 'ready' && this.#means.producer.usable(now)
    return usable && nextSource !== undefined && this.#standsAt === nextSource
  }

  async append(
    from: bigint,
    records: readonly PolledRecord[],
    commitOf: (placed: readonly Placement[]) => Promise<SourceCommit>,
    deadline: Deadline,
  ): Promise<AppendOutcome> {
    if (this.#state !== 'ready' || (this.#standsAt !== undefined && this.#standsAt !== from))
      return failed(this.#error('CHECKPOINT_MOVED', 'this process has gone on from there already'))
    this.#state = 'busy'
    const patience = new Patience(deadline, this.#means.append.pauseMs, (code, because) => this.#error(code, because))
    try {
      const outcome = await this.#transact(records, commitOf, deadline, patience)
      if (this.#state === 'busy') this.#state = 'ready'
      return outcome
    } catch (cause) {
      this.#state = 'over'
      return failed(await this.#abandon(asReplicationError(cause, this.#doing), patience))
    }
  }

  async #transact(
    records: readonly PolledRecord[],
    commitOf: (placed: readonly Placement[]) => Promise<SourceCommit>,
    deadline: Deadline,
    patience: Patience,
  ): Promise<AppendOutcome> {
    const outcome = await this.#place(records, deadline, patience)
    if (outcome.stopped !== undefined && outcome.placed.length === 0) return await this.#withdraw(outcome, patience)
    const commit = await commitOf(outcome.placed)
    await this.#commitOffset(commit, patience)
    const end = endTxnRequest(this.#id, 'commit')
    this.#done(await this.#means.ofTransaction.tell(end, patience, { repeatable: false }))
    this.committed = commit
    this.#standsAt = commit.nextSource
    return outcome
  }

  async #place(records: readonly PolledRecord[], deadline: Deadline, patience: Patience): Promise<AppendOutcome> {
    const [first, ...others] = records
    if (first === undefined) return { placed: [], bytes: 0 }
    const { targetTopic: topic, partition } = this.#replica
    const { cluster, topics } = this.#means.append
    await findLeader({ topic, partition }, { topics, patience, unreachable: cluster.unreachable }, { fresh: false })
    const addPartition = addPartitionsToTxnRequest(this.#id, { topic, partition })
    this.#done(await this.#means.ofTransaction.tell(addPartition, patience, { repeatable: false }))
    const batch = { topic, partition, records: [first, ...others] as const }
    const outcome = await new PartitionAppend(batch, deadline, this.#means.append).run()
    if (outcome.stopped?.kind === 'failed') throw outcome.stopped.error
    return outcome
  }

  async #commitOffset(commit: SourceCommit, patience: Patience): Promise<void> {
    const { group, ofTransaction, ofGroup } = this.#means
    const { targetTopic: topic, partition } = this.#replica
    const addOffsets = addOffsetsToTxnRequest(this.#id, group)
    this.#done(await ofTransaction.tell(addOffsets, patience, { repeatable: false }))
    const commitOffset = txnOffsetCommitRequest(this.#id, group, { topic, partition }, commit)
    this.#done(await ofGroup.tell(commitOffset, patience, { repeatable: false }))
  }

  /** The first record was refused: there is nothing to commit. */
  async #withdraw(outcome: AppendOutcome, patience: Patience): Promise<AppendOutcome> {
    const abort = endTxnRequest(this.#id, 'abort')
    this.#done(await this.#means.ofTransaction.tell(abort, patience, { repeatable: false }))
    return outcome
  }

  /**
   * Aborts, so that readers of committed records need not wait for the successor or the timeout to do it. What the
   * coordinator says to that may tell why the transaction failed: a leader does not tell who is fenced from who is lost.
   */
  async #abandon(error: ReplicationError, patience: Patience): Promise<ReplicationError> {
    if (patience.signal.aborted) return inTransaction(error)
    try {
      const abort = endTxnRequest(this.#id, 'abort')
      const told = await this.#means.ofTransaction.tell(abort, patience, { repeatable: false })
      if (told.kind === 'stop' && told.code === 'CHECKPOINT_MOVED') return this.#error(told.code, told.because, error)
    } catch (also) {
      if (!(also instanceof ReplicationError)) throw also
      // The successor aborts it, or the coordinator when its time is over; the first error says more.
    }
    return inTransaction(error)
  }

  #done<T>(told: Told<T>): void {
    if (told.kind === 'stop') throw this.#error(told.code, told.because)
  }

  get #doing(): string {
    const { transactionalId, append } = this.#means
    return `appending to ${partitionName({ ...this.#replica, topic: this.#replica.targetTopic })} on ${append.cluster.name} in a transaction of ${transactionalId}`
  }

  #error(code: ErrorCode, because: string, cause?: unknown): ReplicationError {
    return new ReplicationError(code, `${this.#doing}: ${because}`, { cause })
  }
}

const failed = (error: ReplicationError): AppendOutcome => ({
  placed: [],
  bytes: 0,
  stopped: { kind: 'failed', error },
})

/** Outside of a transaction a batch whose outcome is unknown may be there twice; this one is not committed. */
const inTransaction = (error: ReplicationError): ReplicationError =>
  error.code === 'APPEND_OUTCOME_UNKNOWN'
    ? new ReplicationError('TRANSACTION_BROKEN', error.message, { cause: error })
    : error
