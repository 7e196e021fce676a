import { BrokerConnections, type BrokerRequest, type ClusterAccess } from '../check/broker-connections.ts'
import type { ByteReader } from '../check/byte-reader.ts'
import type { Codec } from '../check/record-compression.ts'
import { eventually } from '../machine/eventually.ts'
import type { CorpusRecord } from './corpus-records.ts'
import { writeRecordBatch } from './record-batch-writer.ts'

const PRODUCE = { apiKey: 0, apiVersion: 7 }
const ALL_REPLICAS = -1
const TIMEOUT_MS = 30_000
/** Nothing was appended, and soon it may be: a broker has not heard of the topic yet, or does not lead it yet. */
const NOT_YET: readonly number[] = [3, 5, 6]
const DENIED = 29
const LED_WITHIN_MS = 10_000

/** What a broker answered instead of an offset. */
export class AppendRefused extends Error {
  readonly code: number

  constructor(appending: string, code: number) {
    super(`${appending}: Kafka says error ${code}`)
    this.name = 'AppendRefused'
    this.code = code
  }

  /** Who asked may not write there. */
  get isDenied(): boolean {
    return this.code === DENIED
  }
}

/** Appends batches just as they are told, one request each; for corpora, not for the product. A topic may be brand new. */
export class RecordAppender {
  readonly #brokers: BrokerConnections
  readonly #leaders = new Map<string, Promise<ReadonlyMap<number, string>>>()

  constructor(access: ClusterAccess) {
    this.#brokers = new BrokerConnections(access)
  }

  /** Resolves when all in-sync replicas have the batch, with the offset of its first record. */
  async append(topic: string, partition: number, records: readonly CorpusRecord[], codec: Codec): Promise<bigint> {
    const leader = (await this.#leadersOf(topic)).get(partition)
    if (leader === undefined) throw new Error(`appending to ${topic}-${partition}: there is no such partition`)
    const request = produceRequest(topic, partition, writeRecordBatch(records, codec))
    return eventually(`a leader of ${topic}-${partition}`, () => this.#attempt(leader, request), {
      withinMs: LED_WITHIN_MS,
    })
  }

  async #attempt(leader: string, request: BrokerRequest<bigint>): Promise<bigint | undefined> {
    try {
      return await this.#brokers.ask(leader, request)
    } catch (error) {
      if (error instanceof AppendRefused && NOT_YET.includes(error.code)) return undefined
      throw error
    }
  }

  close(): Promise<void> {
    return this.#brokers.close()
  }

  #leadersOf(topic: string): Promise<ReadonlyMap<number, string>> {
    const known = this.#leaders.get(topic)
    if (known !== undefined) return known
    const asking = this.#brokers
      .leadersOf(topic)
      .then((leaders) => new Map(leaders.map(({ partition, leader }) => [partition, leader])))
    this.#leaders.set(topic, asking)
    return asking
  }
}

const produceRequest = (topic: string, partition: number, batch: Buffer): BrokerRequest<bigint> => ({
  ...PRODUCE,
  write: (writer) => {
    writer.appendString(null, false).appendInt16(ALL_REPLICAS).appendInt32(TIMEOUT_MS)
    writer.appendInt32(1).appendString(topic, false)
    return writer.appendInt32(1).appendInt32(partition).appendInt32(batch.length).append(batch)
  },
  read: (reader) => readBaseOffset(reader, `appending to ${topic}-${partition}`),
})

const readBaseOffset = (reader: ByteReader, appending: string): bigint => {
  const answers = reader.array(() => {
    reader.string()
    return reader.array(() => {
      reader.int32() // partition
      const error = reader.int16()
      if (error !== 0) throw new AppendRefused(appending, error)
      const baseOffset = reader.int64()
      reader.int64() // append time
      reader.int64() // log start
      return baseOffset
    })
  })
  const baseOffset = answers.flat()[0]
  if (baseOffset === undefined) throw new Error(`${appending}: the answer is empty`)
  return baseOffset
}
