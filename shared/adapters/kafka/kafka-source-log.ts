import { ReplicationError } from '../../domain/errors.ts'
import type { KafkaAccess } from '../../domain/kafka-access.ts'
import { KAFKA_ERROR, kafkaError } from '../../domain/kafka-errors.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { Deadline, SourceLog, SourcePartition } from '../../usecases/ports.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { ClusterId } from './cluster-id.ts'
import { clusterSide } from './cluster-side.ts'
import { GatheredQuestions } from './gathered-questions.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import type { KafkaTimeouts } from './kafka-timeouts.ts'
import { pauseMs, waitOrAbort } from './patience.ts'
import { type LogEdge, logOffsetsRequest, type PartitionOffset } from './requests/list-offsets-request.ts'
import { TopicDirectory, type TopicView } from './topic-directory.ts'
import { TopicIncarnations } from './topic-incarnations.ts'

export interface SourceLogOptions {
  readonly secrets: Secrets
  readonly timeouts?: Partial<KafkaTimeouts>
}

const DENIED = 'we may not describe the topic'

/** What could not be told now; whether to ask again is decided by the deadline. */
class NotNow extends Error {}

/** Describes partitions of a Kafka cluster; questions of one tick share one request per broker. */
export class KafkaSourceLog implements SourceLog {
  readonly #cluster: KafkaCluster
  readonly #clusterId: ClusterId
  readonly #topics: TopicDirectory
  readonly #incarnations: TopicIncarnations
  /** By edge and leader. */
  readonly #questions = new Map<string, GatheredQuestions<string, PartitionOffset>>()
  readonly #asked = new Map<string, PartitionId>()

  constructor(access: KafkaAccess, options: SourceLogOptions) {
    this.#cluster = clusterSide(access, { ...options, side: 'source' }).cluster
    this.#clusterId = new ClusterId(this.#cluster)
    this.#topics = new TopicDirectory(this.#cluster)
    this.#incarnations = new TopicIncarnations(this.#topics)
  }

  clusterId(deadline: Deadline): Promise<string> {
    return this.#clusterId.tell(deadline)
  }

  async describe(partition: PartitionId, { signal }: Deadline): Promise<SourcePartition> {
    let last: unknown
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        return await this.#describeNow(partition, signal)
      } catch (error) {
        if (!(error instanceof NotNow) && !this.#cluster.isUnreachable(error)) throw error
        // A question that the deadline cut off knows less than the answer before it.
        if (last === undefined || !signal.aborted) last = error
        await waitOrAbort(pauseMs(attempt), signal)
      }
    }
    const because = last instanceof Error ? last.message : 'there is no time left'
    throw this.#error('SOURCE_UNREACHABLE', partition, because, last)
  }

  otherIncarnation(topic: string, incarnation: string, { signal }: Deadline): Promise<string | undefined> {
    return this.#incarnations.otherThan(incarnation, topic, signal)
  }

  close(): void {
    this.#cluster.close()
  }

  /** The topic id is always asked afresh: whether it changed is what callers want to know. */
  async #describeNow(partition: PartitionId, signal: AbortSignal): Promise<SourcePartition> {
    const view = await this.#topics.find(partition.topic, { fresh: true }, signal)
    const { leader, topicId } = this.#leaderOf(partition, view)
    const [logStart, logEnd] = await Promise.all([
      this.#edge('first', leader, partition, signal),
      this.#edge('end', leader, partition, signal),
    ])
    return { ...partition, incarnation: topicId, logStart, logEnd }
  }

  async #edge(edge: LogEdge, leader: number, partition: PartitionId, signal: AbortSignal): Promise<bigint> {
    const answer = await this.#ask(edge, leader, partition, signal)
    if (answer === undefined) throw new NotNow(`broker ${leader} did not answer for ${partitionName(partition)}`)
    if (answer.error === KAFKA_ERROR.topicDenied) throw this.#error('LOGIN_REFUSED', partition, DENIED)
    if (answer.error !== KAFKA_ERROR.none) throw new NotNow(kafkaError(answer.error).name)
    return answer.offset
  }

  #leaderOf(partition: PartitionId, view: TopicView): { leader: number; topicId: string } {
    if (view.kind === 'unclear') throw new NotNow(view.because)
    if (view.kind === 'denied') throw this.#error('LOGIN_REFUSED', partition, DENIED)
    if (view.kind === 'unknown') throw this.#error('SOURCE_TOPIC_UNKNOWN', partition, 'the source has no such topic')
    if (!view.leaders.has(partition.partition))
      throw this.#error('SOURCE_TOPIC_UNKNOWN', partition, `the topic has ${view.leaders.size} partitions`)
    const leader = view.leaders.get(partition.partition)
    if (leader === undefined) throw new NotNow('the partition has no leader')
    return { leader, topicId: view.topicId }
  }

  async #ask(
    edge: LogEdge,
    leader: number,
    partition: PartitionId,
    signal: AbortSignal,
  ): Promise<PartitionOffset | undefined> {
    const questions = this.#questions.get(`${edge} ${leader}`) ?? new GatheredQuestions(this.#edgesAt(edge, leader))
    this.#questions.set(`${edge} ${leader}`, questions)
    this.#asked.set(partitionName(partition), partition)
    return await questions.ask(partitionName(partition), signal)
  }

  #edgesAt =
    (edge: LogEdge, leader: number) =>
    async (
      names: readonly string[],
      signals: readonly AbortSignal[],
    ): Promise<ReadonlyMap<string, PartitionOffset>> => {
      const partitions = names.flatMap((name) => this.#asked.get(name) ?? [])
      const connection = await this.#cluster.node(leader, signals)
      const offsets = await this.#cluster.tell(connection, logOffsetsRequest(edge, partitions), signals)
      return new Map(offsets.map((offset) => [partitionName(offset), offset]))
    }

  #error(code: ReplicationError['code'], partition: PartitionId, because: string, cause?: unknown): ReplicationError {
    const doing = `describing ${partitionName(partition)} on ${this.#cluster.name}: ${because}`
    return new ReplicationError(code, doing, { cause })
  }
}
