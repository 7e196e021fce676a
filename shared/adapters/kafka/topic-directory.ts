import { KAFKA_ERROR, kafkaError } from '../../domain/kafka-errors.ts'
import { GatheredQuestions } from './gathered-questions.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { metadataRequest, type TopicMetadata } from './requests/metadata-request.ts'

export type TopicView =
  | { readonly kind: 'known'; readonly topicId: string; readonly leaders: ReadonlyMap<number, number | undefined> }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'denied' }
  /** The cluster cannot tell now; `because` is its word. */
  | { readonly kind: 'unclear'; readonly because: string }

const LONGEST_TRUSTED_MS = 300_000
const INVALID_TOPIC = 17
/** Sixteen zeros: the same for every topic and every life of it, so it proves nothing. */
const NO_TOPIC_ID = 'A'.repeat(22)
const WITHOUT_IDS = 'the cluster gives its topics no ids; is its inter.broker.protocol.version below 2.8?'

/** Which topics a cluster has, and which brokers lead their partitions. What is broken about one topic concerns no other. */
export class TopicDirectory {
  readonly #cluster: Pick<KafkaCluster, 'ask' | 'learn'>
  readonly #known = new Map<string, { readonly view: TopicView; readonly at: number }>()
  readonly #questions: GatheredQuestions<string, TopicView>

  constructor(cluster: Pick<KafkaCluster, 'ask' | 'learn'>) {
    this.#cluster = cluster
    this.#questions = new GatheredQuestions((topics, signals) => this.#look(topics, signals))
  }

  /** As last seen, unless `fresh` is wanted. Throws what `KafkaCluster.ask` throws. */
  async find(topic: string, { fresh }: { readonly fresh: boolean }, signal: AbortSignal): Promise<TopicView> {
    const known = this.#known.get(topic)
    if (known !== undefined && !fresh && Date.now() - known.at < LONGEST_TRUSTED_MS) return known.view
    return (await this.#questions.ask(topic, signal)) ?? { kind: 'unclear', because: 'the cluster did not name it' }
  }

  async #look(topics: readonly string[], signals: readonly AbortSignal[]): Promise<ReadonlyMap<string, TopicView>> {
    const metadata = await this.#cluster.ask(metadataRequest(topics), signals)
    this.#cluster.learn(metadata.brokers)
    const views = new Map(metadata.topics.map((topic) => [topic.topic, viewOf(topic)]))
    for (const [topic, view] of views) {
      if (view.kind === 'known') this.#known.set(topic, { view, at: Date.now() })
      else this.#known.delete(topic)
    }
    return views
  }
}

export const viewOf = ({ error, topicId, leaders }: TopicMetadata): TopicView => {
  if (error === KAFKA_ERROR.none && topicId === NO_TOPIC_ID) return { kind: 'unclear', because: WITHOUT_IDS }
  if (error === KAFKA_ERROR.none) return { kind: 'known', topicId, leaders }
  if (error === KAFKA_ERROR.unknownTopic || error === INVALID_TOPIC) return { kind: 'unknown' }
  if (error === KAFKA_ERROR.topicDenied) return { kind: 'denied' }
  return { kind: 'unclear', because: kafkaError(error).name }
}
