import type { PartitionId } from '../../shared/domain/record.ts'
import type { BrokerRequest } from './broker-connections.ts'
import type { ByteReader } from './byte-reader.ts'

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

/** What a leader answered to a fetch of one partition. */
export interface Fetched {
  /** The end of what all replicas have. */
  readonly highWatermark: bigint
  /** The end of what committed readers may see: below it every transaction is decided. */
  readonly lastStable: bigint
  readonly aborted: readonly AbortedTransaction[]
  readonly bytes: Buffer
}

type Isolation = 'uncommitted' | 'committed'

const FETCH = { apiKey: 1, apiVersion: 11 }
const LIST_OFFSETS = { apiKey: 2, apiVersion: 2 }
/** `ListOffsets` asks for the bounds of a log by these timestamps. */
const BOUNDS = { start: -2n, end: -1n } as const
const FETCH_BYTES = 4 * 1024 * 1024
const MAX_WAIT_MS = 100
const OFFSET_OUT_OF_RANGE = 1

export const fetchRequest = (partition: PartitionId, at: bigint, isolation: Isolation): BrokerRequest<Fetched> => ({
  ...FETCH,
  write: (writer) => {
    writer.appendInt32(-1).appendInt32(MAX_WAIT_MS).appendInt32(1).appendInt32(FETCH_BYTES)
    writer.appendInt8(isolation === 'committed' ? 1 : 0)
    writer.appendInt32(0).appendInt32(-1) // no fetch session
    writer.appendInt32(1).appendString(partition.topic, false)
    writer.appendInt32(1).appendInt32(partition.partition).appendInt32(-1) // any leader epoch
    writer.appendInt64(at).appendInt64(-1n).appendInt32(FETCH_BYTES)
    return writer.appendInt32(0).appendString('', false) // nothing forgotten, no rack
  },
  read: (reader) => readFetch(reader, partition, at),
})

const readFetch = (reader: ByteReader, { topic, partition }: PartitionId, at: bigint): Fetched => {
  const reading = `reading ${topic}-${partition} at ${at}`
  reader.int32() // throttle time
  refuse(reader.int16(), reading)
  reader.int32() // session
  const answers = reader.array(() => {
    reader.string()
    return reader.array(() => readFetchedPartition(reader, reading))
  })
  const fetched = answers.flat()[0]
  if (fetched === undefined) throw new Error(`${reading}: the answer is empty`)
  return fetched
}

const readFetchedPartition = (reader: ByteReader, reading: string): Fetched => {
  reader.int32() // partition
  refuse(reader.int16(), reading)
  const highWatermark = reader.int64()
  const lastStable = reader.int64()
  reader.int64() // log start
  const aborted = reader.array(() => ({ producerId: reader.int64(), firstOffset: reader.int64() }))
  reader.int32() // preferred replica
  return { highWatermark, lastStable, aborted, bytes: reader.bytes() }
}

export const boundRequest = (partition: PartitionId, bound: keyof typeof BOUNDS): BrokerRequest<bigint> => ({
  ...LIST_OFFSETS,
  write: (writer) => {
    writer.appendInt32(-1).appendInt8(0)
    writer.appendInt32(1).appendString(partition.topic, false)
    return writer.appendInt32(1).appendInt32(partition.partition).appendInt64(BOUNDS[bound])
  },
  read: (reader) => {
    reader.int32() // throttle time
    const answers = reader.array(() => {
      reader.string()
      return reader.array(() => {
        reader.int32() // partition
        refuse(reader.int16(), `asking for the bounds of ${partition.topic}-${partition.partition}`)
        reader.int64() // timestamp
        return reader.int64()
      })
    })
    const offset = answers.flat()[0]
    if (offset === undefined) throw new Error(`asking for the bounds of ${partition.topic}: the answer is empty`)
    return offset
  },
})

const refuse = (error: number, doing: string): void => {
  if (error === OFFSET_OUT_OF_RANGE) throw new Error(`${doing}: retention took this offset while it was read`)
  if (error !== 0) throw new Error(`${doing}: Kafka says error ${error}`)
}
