import { setTimeout as pause } from 'node:timers/promises'
import type { ClusterAccess } from '../check/broker-connections.ts'
import { readTopic } from '../check/log-reader.ts'
import { alterBrokers, alterTopic, type LocalTopic } from '../kafka/local-topics.ts'
import { eventually } from '../machine/eventually.ts'
import { AWKWARD_CODECS, awkwardBatches, bulkRecords, type CorpusRecord, compactableRecords } from './corpus-records.ts'
import { produceTransactions } from './corpus-transactions.ts'
import { linesOfFile } from './lines-of-file.ts'
import { RecordAppender } from './record-appender.ts'

export interface CorpusOptions {
  /** The same seed makes the same records, but for their timestamps. @default 1 */
  readonly seed?: number
  /** How many records of one size there are besides the awkward ones. @default 0 */
  readonly records?: number
  /** @default 100 */
  readonly sizeBytes?: number
  /** Absent: as fast as it goes. */
  readonly recordsPerSecond?: number
  /** A file each of whose lines becomes a record, instead of the records of one size. */
  readonly input?: string
  /** What the timestamps of the awkward and the compacted records stand around, milliseconds since 1970. @default now */
  readonly now?: number
  readonly onProgress?: (written: number) => void
}

/** Every timestamp is taken and nothing expires, however old it says it is. */
const KEEPS_EVERYTHING = { 'retention.ms': '-1', 'message.timestamp.after.max.ms': '9223372036854775807' }

const NEVER_MS = String(Number.MAX_SAFE_INTEGER)
const NOT_COMPACTED_AGAIN = { 'min.compaction.lag.ms': NEVER_MS }

const EMPTY_PARTITIONS = 1
const BULK_PARTITIONS = 4

export const CORPUS_TOPICS = {
  awkward: { name: 'awkward', partitions: AWKWARD_CODECS.length + EMPTY_PARTITIONS, settings: KEEPS_EVERYTHING },
  transactions: { name: 'transactions', partitions: 2, settings: KEEPS_EVERYTHING },
  compacted: {
    name: 'compacted',
    partitions: 2,
    settings: { ...KEEPS_EVERYTHING, ...NOT_COMPACTED_AGAIN, 'cleanup.policy': 'compact' },
  },
  bulk: { name: 'bulk', partitions: BULK_PARTITIONS, settings: KEEPS_EVERYTHING },
} as const satisfies Record<string, LocalTopic>

const BULK_BATCH_BYTES = 256 * 1024
const BULK_BATCH_RECORDS = 2000
/** At least, so that few records reach all partitions too. */
const BATCHES = 4 * BULK_PARTITIONS
const IN_FLIGHT = 4
const PACE_MS = 50
const COMPACTED_WITHIN_MS = 60_000
const SEGMENT_MS = 100
const LATER_MS = 60_000

/** Fills the corpus topics, which must exist. */
export const produceCorpus = async (access: ClusterAccess, options: CorpusOptions = {}): Promise<void> => {
  await produceAwkwardTopics(access, options)
  await produceBulk(access, options)
}

/** All topics of the corpus but the one for many records. */
export const produceAwkwardTopics = async (access: ClusterAccess, options: CorpusOptions = {}): Promise<void> => {
  const { seed = 1, now = Date.now() } = options
  await produceAwkward(access, seed, now)
  await produceTransactions(access, CORPUS_TOPICS.transactions, seed)
  await produceCompacted(access, seed, now)
}

const withAppender = async <Answer>(
  access: ClusterAccess,
  use: (appender: RecordAppender) => Promise<Answer>,
): Promise<Answer> => {
  const appender = new RecordAppender(access)
  try {
    return await use(appender)
  } finally {
    await appender.close()
  }
}

/** The same awkward records into one partition for each codec; the last partition stays empty. */
const produceAwkward = (access: ClusterAccess, seed: number, now: number): Promise<void> =>
  withAppender(access, async (appender) => {
    for (const [partition, codec] of AWKWARD_CODECS.entries())
      for (const batch of awkwardBatches(seed, now))
        await appender.append(CORPUS_TOPICS.awkward.name, partition, batch, codec)
  })

const ROUNDS = 20

/** Waits until the cleaner has really taken records, then sees to it that it takes no more while others compare. */
const produceCompacted = async (access: ClusterAccess, seed: number, now: number): Promise<void> => {
  const { name, partitions } = CORPUS_TOPICS.compacted
  await alterTopic(access, name, {
    'min.compaction.lag.ms': '0',
    'min.cleanable.dirty.ratio': '0.01',
    'segment.ms': String(SEGMENT_MS),
  })
  const old = Array.from({ length: partitions }, (_, at) => compactableRecords(seed + at, ROUNDS, now))
  // Records of a later time open another segment; the one that is open is never cleaned.
  const open = Array.from({ length: partitions }, (_, at) => compactableRecords(seed + at, 1, now + LATER_MS))
  await withAppender(access, async (appender) => {
    for (const rounds of [old, open])
      for (const [partition, records] of rounds.entries()) await appender.append(name, partition, records, 'none')
  })
  await alterBrokers(access, { 'log.cleaner.backoff.ms': '200' })
  await eventually('compaction to take records', () => isCompacted(access, name), {
    withinMs: COMPACTED_WITHIN_MS,
    everyMs: 300,
  })
  await alterTopic(access, name, NOT_COMPACTED_AGAIN)
}

const isCompacted = async (access: ClusterAccess, topic: string): Promise<boolean> => {
  const logs = await readTopic(access, topic)
  return logs.every((log) => BigInt(log.size) < log.logEnd - log.logStart)
}

export interface Written {
  readonly records: number
  /** Of keys and values. */
  readonly sizeBytes: number
}

/** Records of one size, or the lines of a file, spread over the partitions of the bulk topic. */
export const produceBulk = (access: ClusterAccess, options: CorpusOptions): Promise<Written> =>
  withAppender(access, async (appender) => {
    const { recordsPerSecond, onProgress } = options
    const { name, partitions } = CORPUS_TOPICS.bulk
    const flying = new Set<Promise<void>>()
    const began = performance.now()
    let [records, sizeBytes, number] = [0, 0, 0]
    for await (const batch of bulkBatches(options)) {
      const sending: Promise<void> = appender.append(name, number++ % partitions, batch, 'none').then(() => {
        flying.delete(sending) // one that failed stays, for the next wait to find
      })
      sending.catch(() => undefined)
      flying.add(sending)
      if (flying.size >= IN_FLIGHT) await Promise.race(flying)
      records += batch.length
      sizeBytes += batch.reduce((bytes, { key, value }) => bytes + (key?.length ?? 0) + (value?.length ?? 0), 0)
      onProgress?.(records)
      if (recordsPerSecond !== undefined) await untilDue(began + (records / recordsPerSecond) * 1000)
    }
    await Promise.all(flying)
    return { records, sizeBytes }
  })

const untilDue = async (at: number): Promise<void> => {
  const early = at - performance.now()
  if (early > 0) await pause(early)
}

async function* bulkBatches(options: CorpusOptions): AsyncGenerator<CorpusRecord[]> {
  const { recordsPerSecond = Number.POSITIVE_INFINITY, records = BULK_BATCH_RECORDS } = options
  const most = Math.ceil(Math.min(BULK_BATCH_RECORDS, records / BATCHES, (recordsPerSecond * PACE_MS) / 1000))
  let batch: CorpusRecord[] = []
  let bytes = 0
  for await (const record of bulkContent(options)) {
    batch.push({ ...record, timestamp: Date.now() })
    bytes += record.value?.length ?? 0
    if (batch.length < most && bytes < BULK_BATCH_BYTES) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}

async function* bulkContent(options: CorpusOptions): AsyncGenerator<Omit<CorpusRecord, 'timestamp'>> {
  const { seed = 1, records = 0, sizeBytes = 100, input } = options
  if (input === undefined) return yield* bulkRecords(seed, records, sizeBytes)
  for await (const line of linesOfFile(input)) yield { key: null, value: line, headers: [] }
}
