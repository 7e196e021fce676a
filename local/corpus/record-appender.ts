import { BrokerConnections, type BrokerRequest, type ClusterAccess } from '../check/broker-connections.ts'
import type { ByteReader } from '../check/byte-reader.ts'
import type { Codec } from '../check/record-compression.ts'
import type { CorpusRecord } from './corpus-records.ts'
import { writeRecordBatch } from './record-batch-writer.ts'

const PRODUCE = { apiKey: 0, apiVersion: 7 }
const ALL_REPLICAS = -1
const TIMEOUT_MS = 30_000

/** Appends batches just as they are told, one request each; for corpora, not for the product. */
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
    return this.#brokers.ask(leader, produceRequest(topic, partition, writeRecordBatch(records, codec)))
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
      if (error !== 0) throw new Error(`${appending}: Kafka says error ${error}`)
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
