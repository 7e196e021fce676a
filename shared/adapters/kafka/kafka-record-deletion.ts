import { type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import type { KafkaAccess } from '../../domain/kafka-access.ts'
import { KAFKA_ERROR, kafkaError } from '../../domain/kafka-errors.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { RecordDeletion } from '../../usecases/failover/tail-ports.ts'
import type { PerPartition } from '../../usecases/log-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { ClusterLogin } from './cluster-login.ts'
import { KafkaCluster } from './kafka-cluster.ts'
import { DEFAULT_TIMEOUTS, type KafkaTimeouts } from './kafka-timeouts.ts'
import { LeaderQuestions } from './leader-questions.ts'
import { deleteRecordsRequest, type RecordsBelow } from './requests/delete-records-request.ts'
import { TopicDirectory } from './topic-directory.ts'

export interface RecordDeletionOptions {
  readonly secrets: Secrets
  readonly timeouts?: Partial<KafkaTimeouts>
}

type Answers = Map<string, 'deleted' | ReplicationError>

/** POLICY_VIOLATION: the topic is compacted, and nothing of it is deleted. */
const POLICY_VIOLATION = 44

/** Deletes the beginnings of logs of a cluster; one request for each leader. */
export class KafkaRecordDeletion implements RecordDeletion {
  readonly #cluster: KafkaCluster
  readonly #leaders: LeaderQuestions

  constructor(access: KafkaAccess, { secrets, timeouts = {} }: RecordDeletionOptions) {
    this.#cluster = new KafkaCluster(access, new ClusterLogin(access, secrets), {
      clientId: 'twinshore',
      unreachable: 'SOURCE_UNREACHABLE',
      timeouts: { ...DEFAULT_TIMEOUTS, ...timeouts },
    })
    const topics = new TopicDirectory(this.#cluster)
    this.#leaders = new LeaderQuestions({ cluster: this.#cluster, topics, topicUnknown: 'SOURCE_TOPIC_UNKNOWN' })
  }

  async deleteBelow(
    offsets: readonly RecordsBelow[],
    { signal }: Deadline,
  ): Promise<PerPartition<'deleted' | ReplicationError>> {
    const answers: Answers = new Map()
    const byLeader = new Map<number, RecordsBelow[]>()
    for (const one of offsets) {
      const led = await this.#leaders.leader(one, { fresh: false }, signal)
      if (led.kind === 'leader') byLeader.set(led.leader, [...(byLeader.get(led.leader) ?? []), one])
      else answers.set(partitionName(one), led.error)
    }
    await Promise.all([...byLeader].map(([leader, led]) => this.#ask(leader, led, signal, answers)))
    return answers
  }

  close(): void {
    this.#cluster.close()
  }

  async #ask(leader: number, offsets: readonly RecordsBelow[], signal: AbortSignal, answers: Answers): Promise<void> {
    try {
      const connection = await this.#cluster.node(leader, [signal])
      const told = await this.#cluster.tell(connection, deleteRecordsRequest(offsets), [signal])
      const errors = new Map(told.map((one) => [partitionName(one), one.error]))
      for (const one of offsets) answers.set(partitionName(one), this.#answer(one, errors.get(partitionName(one))))
    } catch (error) {
      if (!this.#cluster.isUnreachable(error)) throw error
      const because = error instanceof Error ? error.message : String(error)
      for (const one of offsets) answers.set(partitionName(one), this.#error(this.#cluster.unreachable, one, because))
    }
  }

  #answer(partition: PartitionId, error: number | undefined): 'deleted' | ReplicationError {
    if (error === KAFKA_ERROR.none) return 'deleted'
    if (error === undefined) return this.#error(this.#cluster.unreachable, partition, 'its leader left it out')
    const { name } = kafkaError(error)
    if (error === KAFKA_ERROR.topicDenied) return this.#error('TOPIC_DENIED', partition, `${name}; it takes DELETE`)
    if (error === POLICY_VIOLATION) return this.#error('TOPIC_REFUSED', partition, COMPACTED)
    return this.#error(this.#cluster.unreachable, partition, name)
  }

  #error(code: ErrorCode, partition: PartitionId, because: string): ReplicationError {
    const doing = `deleting the records of ${partitionName(partition)} on ${this.#cluster.name}: ${because}`
    return new ReplicationError(code, doing)
  }
}

const COMPACTED =
  'it is only compacted, and Kafka deletes nothing of it: set its cleanup.policy there to compact,delete until it is emptied'
