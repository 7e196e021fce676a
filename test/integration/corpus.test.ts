import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Admin } from '@platformatic/kafka'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BrokerConnections } from '../../local/check/broker-connections.ts'
import { readLog, readTopic, type SeenBatch } from '../../local/check/log-reader.ts'
import type { PartitionLog } from '../../local/check/partition-log.ts'
import { judgePartition } from '../../local/check/verdict.ts'
import { CORPUS_TOPICS, produceBulk, produceCorpus } from '../../local/corpus/corpus.ts'
import { AWKWARD_CODECS, awkwardBatches } from '../../local/corpus/corpus-records.ts'
import { RecordAppender } from '../../local/corpus/record-appender.ts'
import { type LocalCluster, startCluster } from '../../local/kafka/cluster.ts'
import { clientOptions, createTopics } from '../../local/kafka/local-topics.ts'
import { latin1, recordText } from '../support/record-text.ts'

const NOW = 1_700_000_000_000
const SEED = 7

let folder: string
let cluster: LocalCluster
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinshore-corpus-'))
  cluster = await startCluster({ name: 'source', folder })
})
afterAll(async () => {
  await cluster.stop()
  await rm(folder, { recursive: true, force: true })
})

const batchesOf = async (topic: string, partition: number): Promise<SeenBatch[]> => {
  const brokers = new BrokerConnections(cluster)
  const batches: SeenBatch[] = []
  try {
    for await (const seen of readLog(brokers, { topic, partition })) batches.push(seen)
  } finally {
    await brokers.close()
  }
  return batches
}

const judge = (source: PartitionLog, target: PartitionLog) =>
  judgePartition({ source, target, isolation: 'committed', gaps: [], redelivered: [] })

describe('the corpus on a real broker', () => {
  beforeAll(async () => {
    await createTopics(cluster, Object.values(CORPUS_TOPICS))
    await produceCorpus(cluster, { seed: SEED, now: NOW, records: 5000, sizeBytes: 300 })
  })

  it.each([...AWKWARD_CODECS.entries()])('is kept byte for byte: partition %i, %s', async (partition, codec) => {
    const batches = (await batchesOf(CORPUS_TOPICS.awkward.name, partition)).map(({ batch }) => batch)
    expect(new Set(batches.map((batch) => batch.codec))).toEqual(new Set([codec]))
    expect(batches.flatMap(({ records }) => records.map(recordText))).toEqual(
      awkwardBatches(SEED, NOW).flat().map(recordText),
    )
  })

  it('has an empty partition', async () => {
    expect((await readTopic(cluster, CORPUS_TOPICS.awkward.name)).at(-1)).toMatchObject({ size: 0, logEnd: 0n })
  })

  it('has transactions, of which a committed reader sees what another client sees', async () => {
    const { name, partitions } = CORPUS_TOPICS.transactions
    const logs = await readTopic(cluster, name)
    const seen = await committedOffsets(name, partitions)
    for (const log of logs) {
      const all = Array.from({ length: log.size }, (_, at) => at)
      const committed = all.filter((at) => log.visibility(at) === 'committed')
      expect(committed.length).toBeLessThan(log.size)
      expect(committed.map((at) => log.offset(at))).toEqual(seen[log.partition.partition])
      expect(all.every((at) => log.visibility(at) !== 'pending')).toBe(true)
    }
    const markers = (await batchesOf(name, 0)).flatMap(({ batch }) =>
      batch.marker === undefined ? [] : [batch.marker],
    )
    expect(new Set(markers)).toEqual(new Set(['commit', 'abort']))
  })

  it('has records that compaction took, and tombstones that it left', async () => {
    for (const log of await readTopic(cluster, CORPUS_TOPICS.compacted.name)) {
      expect(log.size).toBeGreaterThan(0)
      expect(BigInt(log.size)).toBeLessThan(log.logEnd - log.logStart)
    }
    const batches = await batchesOf(CORPUS_TOPICS.compacted.name, 0)
    expect(batches.some(({ batch }) => batch.records.some(({ value }) => value === null))).toBe(true)
  })

  it('has as many records of one size as were asked for, over all partitions', async () => {
    const logs = await readTopic(cluster, CORPUS_TOPICS.bulk.name)
    expect(logs.reduce((records, log) => records + log.size, 0)).toBe(5000)
    expect(logs.every((log) => log.size > 1000)).toBe(true)
  })

  it('is told from itself by nothing, and from another by everything', async () => {
    const [first, second] = await readTopic(cluster, CORPUS_TOPICS.bulk.name)
    const [again] = await readTopic(cluster, CORPUS_TOPICS.bulk.name)
    if (first === undefined || second === undefined || again === undefined) throw new Error('partitions are missing')
    expect(judge(first, again)).toMatchObject({ records: first.size, lost: 0, phantom: 0, firstOffences: [] })
    const { lost, altered, phantom } = judge(first, second)
    expect(lost + altered).toBe(first.size)
    expect(phantom + altered).toBe(second.size)
  })
})

describe('a log', () => {
  it('begins where retention left it', async () => {
    await createTopics(cluster, [{ name: 'shortened', partitions: 1 }])
    const appender = new RecordAppender(cluster)
    const records = Array.from({ length: 10 }, (_, at) => ({
      timestamp: NOW + at,
      key: null,
      value: Buffer.from(String(at)),
      headers: [],
    }))
    await appender.append('shortened', 0, records, 'none')
    await appender.close()
    const admin = new Admin(clientOptions(cluster))
    await admin.deleteRecords({ topics: [{ name: 'shortened', partitions: [{ partition: 0, offset: 4n }] }] })
    await admin.close()
    const [log] = await readTopic(cluster, 'shortened')
    expect(log).toMatchObject({ size: 6, logStart: 4n, logEnd: 10n })
    expect(log?.offset(0)).toBe(4n)
  })

  it('shows records of an open transaction, and what waits behind them, as pending', async () => {
    await createTopics(cluster, [{ name: 'undecided', partitions: 1 }])
    const producer = kafka().producer({ transactionalId: 'undecided', idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic: 'undecided', messages: [{ value: 'open' }] })
    const plain = kafka().producer()
    await plain.connect()
    await plain.send({ topic: 'undecided', messages: [{ value: 'waits' }] })
    const visibilities = async () => {
      const [log] = await readTopic(cluster, 'undecided')
      return [0, 1].map((at) => log?.visibility(at))
    }
    expect(await visibilities()).toEqual(['pending', 'pending'])
    await transaction.abort()
    expect(await visibilities()).toEqual(['aborted', 'committed'])
    await Promise.all([producer.disconnect(), plain.disconnect()])
  })

  it('takes the lines of a file as records', async () => {
    const file = join(folder, 'lines')
    await writeFile(file, Buffer.from('one\n\n\xff\xfe\nlast', 'latin1'))
    const before = await bulkRecords()
    expect(await produceBulk(cluster, { input: file })).toEqual({ records: 4, sizeBytes: 9 })
    expect((await bulkRecords()) - before).toBe(4)
    const values = (await batchesOf(CORPUS_TOPICS.bulk.name, 0)).flatMap(({ batch }) => batch.records)
    expect(values.slice(-4).map(({ key, value }) => [key, latin1(value)])).toEqual([
      [null, 'one'],
      [null, ''],
      [null, '\xff\xfe'],
      [null, 'last'],
    ])
  })
})

const bulkRecords = async (): Promise<number> =>
  (await readTopic(cluster, CORPUS_TOPICS.bulk.name)).reduce((records, log) => records + log.size, 0)

const kafka = () => new Kafka({ brokers: [...cluster.bootstrapServers], logLevel: logLevel.NOTHING })

/** What kafkajs shows a committed reader, by partition. */
const committedOffsets = async (topic: string, partitions: number): Promise<bigint[][]> => {
  const seen: bigint[][] = Array.from({ length: partitions }, () => [])
  const consumer = kafka().consumer({ groupId: `reader-of-${topic}`, readUncommitted: false })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    const ended = new Set<number>()
    consumer.on('consumer.end_batch_process', ({ payload }) => {
      if (payload.offsetLag === '0') ended.add(payload.partition)
      if (ended.size === partitions) resolve()
    })
    consumer
      .run({
        eachMessage: async ({ partition, message }) => {
          seen[partition]?.push(BigInt(message.offset))
        },
      })
      .catch(reject)
  })
  await consumer.disconnect()
  return seen
}
