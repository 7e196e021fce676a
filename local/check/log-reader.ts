import type { PartitionId } from '../../shared/domain/record.ts'
import { BrokerConnections, type ClusterAccess } from './broker-connections.ts'
import { boundRequest, type Fetched, fetchRequest } from './log-requests.ts'
import { PartitionLog, type Visibility } from './partition-log.ts'
import { type LogRecord, type RecordBatch, readRecordBatches } from './record-batch-reader.ts'

/** A batch and what a committed reader sees of it. */
export interface SeenBatch {
  readonly batch: RecordBatch
  readonly visibility: Visibility
}

/** What of a record is compared; undefined for a record that is not. */
export type RecordView = (record: LogRecord, partition: number) => LogRecord | undefined

const asItIs: RecordView = (record) => record

/** Reads one partition from its first offset to the end it had when the reading began, batch by batch. */
export async function* readLog(brokers: BrokerConnections, partition: PartitionId): AsyncGenerator<SeenBatch> {
  const leader = await leaderOf(brokers, partition)
  const end = await brokers.ask(leader, boundRequest(partition, 'end'))
  for (let at = await brokers.ask(leader, boundRequest(partition, 'start')); at < end; ) {
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

/** Records as they are appended from now on; an empty list when none came for a moment. */
export async function* readFrom(
  brokers: BrokerConnections,
  partition: PartitionId,
  onStart: () => void,
): AsyncGenerator<readonly LogRecord[]> {
  const leader = await leaderOf(brokers, partition)
  let at = await brokers.ask(leader, boundRequest(partition, 'end'))
  onStart()
  for (;;) {
    const { bytes } = await brokers.ask(leader, fetchRequest(partition, at, 'uncommitted'))
    const batches = [...readRecordBatches(bytes)]
    yield batches.flatMap((batch) => from(at, batch).records)
    at = (batches.at(-1)?.lastOffset ?? at - 1n) + 1n
  }
}

/** The whole log of one partition as fingerprints, as far as `view` shows it. */
export const readPartitionLog = async (
  brokers: BrokerConnections,
  partition: PartitionId,
  view: RecordView = asItIs,
): Promise<PartitionLog> => {
  const log = new PartitionLog(partition)
  log.logStart = await brokers.ask(await leaderOf(brokers, partition), boundRequest(partition, 'start'))
  log.logEnd = log.logStart
  for await (const { batch, visibility } of readLog(brokers, partition)) {
    for (const record of batch.records) {
      const viewed = view(record, partition.partition)
      if (viewed !== undefined) log.append(viewed, visibility)
    }
    log.logEnd = batch.lastOffset + 1n
  }
  return log
}

/** The logs of all partitions of a topic, by partition number. */
export const readTopic = async (access: ClusterAccess, topic: string, view?: RecordView): Promise<PartitionLog[]> => {
  const brokers = new BrokerConnections(access)
  try {
    const logs: PartitionLog[] = []
    for (const { partition } of await brokers.leadersOf(topic))
      logs.push(await readPartitionLog(brokers, { topic, partition }, view))
    return logs.sort((a, b) => a.partition.partition - b.partition.partition)
  } finally {
    await brokers.close()
  }
}

/** Where each partition of a topic ends, by partition number. */
export const endsOf = async (access: ClusterAccess, topic: string): Promise<bigint[]> => {
  const brokers = new BrokerConnections(access)
  try {
    const leaders = (await brokers.leadersOf(topic)).sort((a, b) => a.partition - b.partition)
    return await Promise.all(
      leaders.map(({ partition, leader }) => brokers.ask(leader, boundRequest({ topic, partition }, 'end'))),
    )
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
