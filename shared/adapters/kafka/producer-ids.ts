import { ReplicationError } from '../../domain/errors.ts'
import { KAFKA_ERROR, kafkaError } from '../../domain/kafka-errors.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { initProducerIdRequest } from './requests/init-producer-id-request.ts'

/**
 * Brokers forget a producer that has been silent for long (a day by default), and then take any sequence from it. So an
 * id is given up long before that.
 */
const LONGEST_LIFE_MS = 3_600_000
/** Sequences wrap at 2^31; an id is given up before it comes to that. */
const LAST_SEQUENCE = 2 ** 30

/** One producer id: what it has sent to each partition of each incarnation of a topic. */
export class Producer {
  readonly id: bigint
  readonly epoch: number
  readonly transactional: boolean
  readonly #nextSequences = new Map<string, number>()
  readonly #givenUpAt: number
  #retired = false

  constructor(id: bigint, epoch: number, now: number, { transactional = false } = {}) {
    this.id = id
    this.epoch = epoch
    this.transactional = transactional
    this.#givenUpAt = now + LONGEST_LIFE_MS
  }

  /** Whether new appends may use it. */
  usable(now: number): boolean {
    return !this.#retired && now < this.#givenUpAt
  }

  nextSequence(incarnation: string): number {
    return this.#nextSequences.get(incarnation) ?? 0
  }

  /**
   * Whether the leader knows this producer. One that does not takes any sequence for the first, so nothing may be sent
   * behind a batch that it has not acknowledged.
   */
  isKnownTo(incarnation: string): boolean {
    return this.#nextSequences.has(incarnation)
  }

  acknowledged(incarnation: string, nextSequence: number): void {
    this.#nextSequences.set(incarnation, nextSequence)
    if (nextSequence > LAST_SEQUENCE) this.retire()
  }

  /** Nobody knows which of its sequences are in the log: it is never used for other bytes. */
  retire(): void {
    this.#retired = true
  }
}

/** The producer id in use, and a new one when that cannot be trusted any more. */
export class ProducerIds {
  readonly #cluster: KafkaCluster
  #current: Producer | undefined
  #asking: Promise<Producer> | undefined

  constructor(cluster: KafkaCluster) {
    this.#cluster = cluster
  }

  /** Throws `TARGET_DENIED`, and what `KafkaCluster.ask` throws. */
  async current(signal: AbortSignal): Promise<Producer> {
    if (this.#current?.usable(Date.now())) return this.#current
    this.#asking ??= this.#ask(signal).finally(() => {
      this.#asking = undefined
    })
    this.#current = await this.#asking
    return this.#current
  }

  async #ask(signal: AbortSignal): Promise<Producer> {
    const { error, producerId, producerEpoch } = await this.#cluster.ask(initProducerIdRequest(), [signal])
    if (error === KAFKA_ERROR.none) return new Producer(producerId, producerEpoch, Date.now())
    const denied = error === KAFKA_ERROR.clusterDenied
    throw new ReplicationError(
      denied ? 'TARGET_DENIED' : this.#cluster.unreachable,
      `asking ${this.#cluster.name} for a producer id: ${kafkaError(error).name}`,
    )
  }
}
