import { setTimeout as pause } from 'node:timers/promises'
import { Consumer, type MessagesStream, Producer } from '@platformatic/kafka'
import type { LocalCluster } from '../../local/kafka/cluster.ts'

const TICK_MS = 5
const CLOCK_BYTES = 8
const FILLER = 'x'

/** Milliseconds since 1970 with fractions; the same clock for sender and reader, which are one process. */
export const now = (): number => performance.timeOrigin + performance.now()

export interface PaceOptions {
  readonly recordsPerSecond: number
  readonly partitions: number
  readonly recordBytes: number
}

/** Writes records that say when they were sent, evenly, over all partitions, until it is stopped. */
export class Pacer {
  /** When each record was sent. */
  readonly sentAt: number[] = []
  readonly #producer: Producer
  readonly #topic: string
  readonly #options: PaceOptions
  readonly #sends: Promise<unknown>[] = []
  readonly #ended: Promise<void>
  #stopping = false

  static start({ bootstrapServers }: LocalCluster, topic: string, options: PaceOptions): Pacer {
    const producer = new Producer({ clientId: 'bench-pace', bootstrapBrokers: [...bootstrapServers], acks: -1 })
    return new Pacer(producer, topic, options)
  }

  private constructor(producer: Producer, topic: string, options: PaceOptions) {
    this.#producer = producer
    this.#topic = topic
    this.#options = options
    this.#ended = this.#run()
  }

  /** Resolves when all that was sent is acknowledged. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#ended
  }

  async #run(): Promise<void> {
    const began = performance.now()
    while (!this.#stopping) {
      const due = Math.floor(((performance.now() - began) / 1000) * this.#options.recordsPerSecond)
      const messages = Array.from({ length: due - this.sentAt.length }, () => this.#next())
      if (messages.length > 0) this.#sends.push(this.#producer.send({ messages }))
      await pause(TICK_MS)
    }
    await Promise.all(this.#sends)
    await this.#producer.close()
  }

  #next() {
    const { recordBytes, partitions } = this.#options
    const value = Buffer.alloc(recordBytes, FILLER)
    const at = now()
    value.writeDoubleBE(at)
    const partition = this.sentAt.push(at) % partitions
    return { topic: this.#topic, partition, value, timestamp: BigInt(Math.floor(at)) }
  }
}

/** Reads such records, and notes how old each one is when it comes. */
export class AgeReader {
  readonly ages: { readonly sentAt: number; readonly ageMs: number }[] = []
  readonly #consumer: Consumer
  readonly #stream: MessagesStream<Buffer, Buffer, Buffer, Buffer>

  static async open({ bootstrapServers }: LocalCluster, topic: string): Promise<AgeReader> {
    const groupId = `bench-${topic}`
    const consumer = new Consumer({ clientId: 'bench-reader', groupId, bootstrapBrokers: [...bootstrapServers] })
    const reading = { topics: [topic], mode: 'earliest', autocommit: false, minBytes: 1, maxWaitTime: 500 } as const
    return new AgeReader(consumer, await consumer.consume({ ...reading, topics: [topic] }))
  }

  private constructor(consumer: Consumer, stream: MessagesStream<Buffer, Buffer, Buffer, Buffer>) {
    this.#consumer = consumer
    this.#stream = stream
    stream.on('data', ({ value }) => {
      if (value.length < CLOCK_BYTES) return
      const sentAt = value.readDoubleBE()
      this.ages.push({ sentAt, ageMs: now() - sentAt })
    })
  }

  async close(): Promise<void> {
    await this.#stream.close()
    await this.#consumer.close()
  }
}
