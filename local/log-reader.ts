import type { PartitionId } from '../shared/domain/record.ts'
import { BrokerConnections, type BrokerRequest, type ClusterAccess } from './broker-connections.ts'
import type { ByteReader } from './byte-reader.ts'
import { PartitionLog, type Visibility } from './partition-log.ts'
import { type RecordBatch, readRecordBatches } from './record-batch-reader.ts'

/** A batch and what a committed reader sees of it. */
export interface SeenBatch {
  readonly batch: RecordBatch
  readonly visibility: Visibility
}

interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

interface Fetched {
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
const EARLIEST = -2n
const LATEST = -1n
const FETCH_BYTES = 4 * 1024 * 1024
const MAX_WAIT_MS = 100
const OFFSET_OUT_OF_RANGE = 1

/** Reads one partition from its first offset to the end it had when the reading began, batch by batch. */
export async function* readLog(brokers: BrokerConnections, partition: PartitionId): AsyncGenerator<SeenBatch> {
  const leader = await leaderOf(brokers, partition)
  const end = await brokers.ask(leader, boundRequest(partition, LATEST))
  for (let at = await brokers.ask(leader, boundRequest(partition, EARLIEST)); at < end; ) {
    const fetched = await fetchFrom(brokers, leader, partition, at)
    if (fetched.bytes.length === 0)
      throw new Error(
        `reading ${partition.topic}-${partition.partition} at ${at}: nothing there, but its end is ${end}`,
      )
    for (const seen of judgeBatches(fetched)) {
      yield { ...seen, batch: from(at, seen.batch) }
      at = seen.batch.lastOffset + 1n
    }
  }
}

/** The whole log of one partition as fingerprints. */
export const readPartitionLog = async (brokers: BrokerConnections, partition: PartitionId): Promise<PartitionLog> => {
  const log = new PartitionLog(partition)
  log.logStart = await brokers.ask(await leaderOf(brokers, partition), boundRequest(partition, EARLIEST))
  log.logEnd = log.logStart
  for await (const { batch, visibility } of readLog(brokers, partition)) {
    for (const record of batch.records) log.append(record, visibility)
    log.logEnd = batch.lastOffset + 1n
  }
  return log
}

/** The logs of all partitions of a topic, by partition number. */
export const readTopic = async (access: ClusterAccess, topic: string): Promise<PartitionLog[]> => {
  const brokers = new BrokerConnections(access)
  try {
    const logs: PartitionLog[] = []
    for (const { partition } of await brokers.leadersOf(topic))
      logs.push(await readPartitionLog(brokers, { topic, partition }))
    return logs.sort((a, b) => a.partition.partition - b.partition.partition)
  } finally {
    await brokers.close()
  }
}

const leaderOf = async (brokers: BrokerConnections, { topic, partition }: PartitionId): Promise<string> => {
  const leaders = await brokers.leadersOf(topic)
  const found = leaders.find((candidate) => candidate.partition === partition)
  if (found === undefined) throw new Error(`reading ${topic}-${partition}: there is no such partition`)
  return found.leader
}

/** A broker sends whole batches, so the first one may begin before the offset that was asked for. */
const from = (at: bigint, batch: RecordBatch): RecordBatch =>
  batch.baseOffset >= at ? batch : { ...batch, records: batch.records.filter(({ offset }) => offset >= at) }

/**
 * Committed reads end at the last stable offset, but alone say what was aborted; what comes after it belongs to open
 * transactions, or waits behind them, and is read as it is.
 */
const fetchFrom = async (
  brokers: BrokerConnections,
  leader: string,
  partition: PartitionId,
  at: bigint,
): Promise<Fetched> => {
  const committed = await brokers.ask(leader, fetchRequest(partition, at, 'committed'))
  if (at < committed.lastStable || at >= committed.highWatermark) return committed
  return brokers.ask(leader, fetchRequest(partition, at, 'uncommitted'))
}

/** The rule of committed readers: from its first offset on until its marker, a producer's transactional batches are aborted. */
function* judgeBatches({ bytes, aborted, lastStable }: Fetched): Generator<SeenBatch> {
  const waiting = aborted.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1))
  const aborting = new Set<bigint>()
  for (const batch of readRecordBatches(bytes)) {
    while (waiting[0] !== undefined && waiting[0].firstOffset <= batch.lastOffset) {
      aborting.add(waiting[0].producerId)
      waiting.shift()
    }
    if (batch.marker === 'abort') aborting.delete(batch.producerId)
    yield { batch, visibility: visibilityOf(batch, aborting, lastStable) }
  }
}

const visibilityOf = (batch: RecordBatch, aborting: ReadonlySet<bigint>, lastStable: bigint): Visibility => {
  if (batch.baseOffset >= lastStable) return 'pending'
  return batch.transactional && aborting.has(batch.producerId) ? 'aborted' : 'committed'
}

const fetchRequest = (partition: PartitionId, at: bigint, isolation: Isolation): BrokerRequest<Fetched> => ({
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

const boundRequest = (partition: PartitionId, bound: bigint): BrokerRequest<bigint> => ({
  ...LIST_OFFSETS,
  write: (writer) => {
    writer.appendInt32(-1).appendInt8(0)
    writer.appendInt32(1).appendString(partition.topic, false)
    return writer.appendInt32(1).appendInt32(partition.partition).appendInt64(bound)
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
