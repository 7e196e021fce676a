import { ReplicationError } from '../../domain/errors.ts'
import { commitGroup, transactionalId } from '../../domain/link-names.ts'
import { partitionName } from '../../domain/record.ts'
import type { SourceCommit } from '../../domain/source-commit.ts'
import type { Deadline, PartitionWriter, ReplicaId, TargetTransactions } from '../../usecases/ports.ts'
import { Coordinator, type Told } from './coordinator.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { LeaderOutbox } from './leader-outbox.ts'
import type { AppendMeans } from './partition-append.ts'
import { Patience } from './patience.ts'
import { Producer } from './producer-ids.ts'
import { initProducerIdRequest } from './requests/init-producer-id-request.ts'
import { offsetFetchRequest } from './requests/offset-fetch-request.ts'
import { TransactionalWriter } from './transactional-writer.ts'

export interface TransactionsOptions {
  readonly link: { readonly installation: string; readonly name: string }
  /** After how long the target aborts what nobody ends; longer than a live invocation takes over one transaction. */
  readonly timeoutMs: number
}

export interface TransactionsMeans {
  readonly cluster: KafkaCluster
  readonly append: AppendMeans
  readonly produceMs: number
}

interface Account {
  readonly ofTransaction: Coordinator
  readonly ofGroup: Coordinator
  writer?: TransactionalWriter
}

/** A transactional id for each partition of a link: who asks for it last is the only one who can write there. */
export class KafkaTransactions implements TargetTransactions {
  readonly #options: TransactionsOptions
  readonly #means: TransactionsMeans
  readonly #accounts = new Map<string, Account>()

  constructor(options: TransactionsOptions, means: TransactionsMeans) {
    this.#options = options
    this.#means = means
  }

  async writer(replica: ReplicaId, nextSource: bigint | undefined, deadline: Deadline): Promise<PartitionWriter> {
    const account = this.#accountOf(replica)
    if (account.writer?.standsAt(nextSource, Date.now())) return account.writer
    account.writer = await this.#takeOver(replica, account, deadline)
    return account.writer
  }

  #accountOf(replica: ReplicaId): Account {
    const known = this.#accounts.get(partitionName(replica))
    if (known !== undefined) return known
    const { cluster } = this.#means
    const account = {
      ofTransaction: new Coordinator(cluster, { kind: 'transaction', name: this.#idOf(replica) }),
      ofGroup: new Coordinator(cluster, { kind: 'group', name: this.#groupOf(replica) }),
    }
    this.#accounts.set(partitionName(replica), account)
    return account
  }

  /** The order matters: what was committed is final only when nobody else can commit any more. */
  async #takeOver(replica: ReplicaId, account: Account, deadline: Deadline): Promise<TransactionalWriter> {
    const doing = `taking ${partitionName(replica)} over on ${this.#means.cluster.name}`
    const patience = new Patience(
      deadline,
      this.#means.append.pauseMs,
      (code, because) => new ReplicationError(code, `${doing}: ${because}`),
    )
    const producer = await this.#fence(replica, account, patience, doing)
    const committed = await this.#committed(replica, account, patience, doing)
    const id = this.#idOf(replica)
    return new TransactionalWriter(replica, committed, {
      append: {
        ...this.#means.append,
        producers: { current: async () => producer },
        outbox: new LeaderOutbox(this.#means.cluster, this.#means.produceMs, id),
      },
      producer,
      transactionalId: id,
      group: this.#groupOf(replica),
      ...account,
    })
  }

  async #fence(replica: ReplicaId, account: Account, patience: Patience, doing: string): Promise<Producer> {
    const id = { transactionalId: this.#idOf(replica), timeoutMs: this.#options.timeoutMs }
    const told = await account.ofTransaction.tell(initProducerIdRequest(id), patience, { repeatable: true })
    const { producerId, producerEpoch } = answerIn(told, doing)
    return new Producer(producerId, producerEpoch, Date.now(), { transactional: true })
  }

  async #committed(
    replica: ReplicaId,
    account: Account,
    patience: Patience,
    doing: string,
  ): Promise<SourceCommit | undefined> {
    const { targetTopic: topic, partition } = replica
    const request = offsetFetchRequest(this.#groupOf(replica), { topic, partition })
    return answerIn(await account.ofGroup.tell(request, patience, { repeatable: true }), doing).commit
  }

  #idOf({ topic, partition }: ReplicaId): string {
    return transactionalId(this.#options.link, topic, partition)
  }

  #groupOf({ topic }: ReplicaId): string {
    return commitGroup(this.#options.link, topic)
  }
}

const answerIn = <T>(told: Told<T>, doing: string): T => {
  if (told.kind === 'done') return told.answer
  throw new ReplicationError(told.code, `${doing}: ${told.because}`)
}
