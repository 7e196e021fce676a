import { KAFKA_ERROR } from '../../domain/kafka-errors.ts'
import { GatheredQuestions } from './gathered-questions.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { type DescribedTopic, describeTopicsRequest } from './requests/describe-configs-request.ts'

const SETTING = 'max.message.bytes'
/** Kafka's own default: 1 MiB and the overhead of a batch. */
const USUAL_LIMIT_BYTES = 1_048_588

/**
 * How large a record batch each topic takes (`max.message.bytes`), as the brokers say. Where we may not ask, Kafka's
 * default is assumed; a limit that is lower is then found out by refusals.
 */
export class BatchLimits {
  readonly #cluster: KafkaCluster
  readonly #known = new Map<string, number>()
  readonly #questions: GatheredQuestions<string, number>

  constructor(cluster: KafkaCluster) {
    this.#cluster = cluster
    this.#questions = new GatheredQuestions((topics, signals) => this.#look(topics, signals))
  }

  /** Throws what `KafkaCluster.ask` throws. */
  async limitBytes(topic: string, { fresh }: { readonly fresh: boolean }, signal: AbortSignal): Promise<number> {
    const known = this.#known.get(topic)
    if (known !== undefined && !fresh) return known
    return (await this.#questions.ask(topic, signal)) ?? USUAL_LIMIT_BYTES
  }

  async #look(topics: readonly string[], signals: readonly AbortSignal[]): Promise<ReadonlyMap<string, number>> {
    const described = await this.#cluster.ask(describeTopicsRequest(topics, [SETTING]), signals)
    const limits = new Map(described.flatMap((settings) => limitOf(settings)))
    for (const [topic, limit] of limits) this.#known.set(topic, limit)
    return limits
  }
}

const limitOf = ({ topic, error, settings }: DescribedTopic): [string, number][] => {
  const value = Number(settings.get(SETTING)?.value)
  return error === KAFKA_ERROR.none && Number.isSafeInteger(value) && value > 0 ? [[topic, value]] : []
}
