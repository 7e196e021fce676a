import { type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import type { ClusterTopics, TopicFacts } from '../../domain/topics/topic-facts.ts'
import { doingTo, missingRight } from '../../domain/topics/topic-right.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { ClusterLogin } from './cluster-login.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { pauseMs, waitOrAbort } from './patience.ts'
import { inRequests } from './request-load.ts'
import { type Metadata, metadataRequest, type TopicMetadata } from './requests/metadata-request.ts'
import { viewOf } from './topic-directory.ts'

/** Topics that are asked for by name in one request. */
const NAMED_PER_REQUEST = 500

type Counted = Pick<KafkaCluster, 'name' | 'unreachable' | 'isUnreachable' | 'ask' | 'learn'>

/** All topics of a cluster that the login may see, counted in one request; those that it may not, as far as they are named. */
export class TopicCensus {
  readonly #cluster: Counted
  readonly #login: Pick<ClusterLogin, 'principal'>

  constructor(cluster: Counted, login: Pick<ClusterLogin, 'principal'>) {
    this.#cluster = cluster
    this.#login = login
  }

  async take(named: readonly string[], deadline: Deadline): Promise<ClusterTopics> {
    const { brokers, topics, clusterId } = await this.#ask('all', deadline)
    this.#cluster.learn(brokers)
    const listed = new Set(topics.map(({ topic }) => topic))
    const left = await this.#askFor(
      named.filter((topic) => !listed.has(topic)),
      deadline,
    )
    return { clusterId, brokers: brokers.length, ...(await this.#sort([...topics, ...left])) }
  }

  async #askFor(named: readonly string[], deadline: Deadline): Promise<readonly TopicMetadata[]> {
    const asked = new Map(named.map((topic) => [topic, topic]))
    const found: TopicMetadata[] = []
    for (const part of inRequests(asked, { topics: NAMED_PER_REQUEST }))
      found.push(...(await this.#ask([...part.keys()], deadline)).topics)
    return found
  }

  async #sort(described: readonly TopicMetadata[]): Promise<Pick<ClusterTopics, 'topics' | 'undescribed'>> {
    const topics = new Map<string, TopicFacts>()
    const undescribed = new Map<string, ReplicationError>()
    for (const metadata of described) {
      const { topic } = metadata
      const seen = await this.#read(metadata)
      if (seen instanceof ReplicationError) undescribed.set(topic, seen)
      else if (seen !== undefined) topics.set(topic, seen)
    }
    return { topics, undescribed }
  }

  /** `undefined`: there is no such topic. */
  async #read(metadata: TopicMetadata): Promise<TopicFacts | ReplicationError | undefined> {
    const view = viewOf(metadata)
    const { topic, leaders, replicas, internal } = metadata
    if (view.kind === 'unknown') return undefined
    if (view.kind === 'denied')
      return this.#error('TOPIC_DENIED', topic, missingRight('describe', topic, await this.#login.principal()))
    if (view.kind === 'unclear') return this.#error(this.#cluster.unreachable, topic, view.because)
    if (replicas === undefined) return this.#error(this.#cluster.unreachable, topic, 'it has no partitions yet')
    return { topic, incarnation: view.topicId, partitions: leaders.size, replicationFactor: replicas, internal }
  }

  /** Asks until the deadline. A question that the deadline cut off knows less than the answer before it. */
  async #ask(topics: readonly string[] | 'all', { signal }: Deadline): Promise<Metadata & { clusterId: string }> {
    let last: unknown
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const metadata = await this.#cluster.ask(metadataRequest(topics), [signal])
        const { clusterId } = metadata
        if (clusterId !== undefined) return { ...metadata, clusterId }
        last = new Error('the cluster does not tell its id')
      } catch (error) {
        if (!this.#cluster.isUnreachable(error)) throw error
        if (last === undefined || !signal.aborted) last = error
      }
      await waitOrAbort(pauseMs(attempt), signal)
    }
    const because = last instanceof Error ? last.message : 'there is no time left'
    const doing = `describing the topics of ${this.#cluster.name}: ${because}`
    throw new ReplicationError(this.#cluster.unreachable, doing, { cause: last })
  }

  #error(code: ErrorCode, topic: string, because: string): ReplicationError {
    return new ReplicationError(code, `${doingTo('describe', topic)} on ${this.#cluster.name}: ${because}`)
  }
}
