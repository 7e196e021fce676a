import { Producer } from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BrokerConnections } from '../../local/check/broker-connections.ts'
import { readLog, type SeenBatch } from '../../local/check/log-reader.ts'
import { CORPUS_TOPICS, produceAwkwardTopics } from '../../local/corpus/corpus.ts'
import { RecordAppender } from '../../local/corpus/record-appender.ts'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { clientOptions, createTopics } from '../../local/kafka/local-topics.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { KafkaLogReader } from '../../shared/adapters/kafka/kafka-log-reader.ts'
import { ReplicationError } from '../../shared/domain/errors.ts'
import type { PartitionId } from '../../shared/domain/record.ts'
import { inTime } from '../support/in-time.ts'
import { describeLogReader, readOn } from '../support/log-reader-contract.ts'
import { NO_SECRETS, openAccess, openCluster, withAdmin } from '../support/target-cluster.ts'

const ANY_TIME = { 'message.timestamp.after.max.ms': '9223372036854775807', 'retention.ms': '-1' }
const AGAIN = { retries: 500, retryDelay: 20 }

let cluster: LocalCluster
let close: () => Promise<void>
let appender: RecordAppender
const producers: Producer[] = []
const readers: KafkaLogReader[] = []

beforeAll(async () => {
  ;({ cluster, close } = await openCluster())
  appender = new RecordAppender(cluster)
})
afterAll(async () => {
  for (const reader of readers) reader.close()
  await appender?.close()
  await Promise.all(producers.map((producer) => producer.close(true).catch(() => undefined)))
  await close?.()
})

const openReader = (bootstrapServers = cluster.bootstrapServers): KafkaLogReader => {
  const reader = new KafkaLogReader(openAccess(bootstrapServers), { side: 'source', secrets: NO_SECRETS })
  readers.push(reader)
  return reader
}

const transact = async (
  topic: string,
  partition: number,
  end: 'commit' | 'abort' | 'open',
  values: readonly string[],
): Promise<void> => {
  const transactionalId = `contract-${producers.length}`
  const producer = new Producer({ ...clientOptions(cluster), ...AGAIN, idempotent: true, transactionalId })
  producers.push(producer)
  const transaction = await producer.beginTransaction()
  for (const value of values)
    await transaction.send({ messages: [{ topic, partition, value: Buffer.from(value) }], acks: -1 })
  if (end === 'commit') await transaction.commit()
  if (end === 'abort') await transaction.abort()
  if (end !== 'open') await eventually('the marker', () => isDecided({ topic, partition }), { withinMs: 20_000 })
}

/** The coordinator writes markers after it has answered. */
const isDecided = async (partition: PartitionId): Promise<boolean> => {
  const [edges] = (await openReader().edges([partition], inTime())).values()
  return edges !== undefined && 'end' in edges && edges.stableEnd === edges.end
}

describeLogReader('a real cluster', async () => ({
  reader: openReader(),
  createTopic: (name, partitions) => createTopics(cluster, [{ name, partitions, settings: ANY_TIME }]),
  append: async ({ topic, partition }, records, codec = 'none') => {
    await appender.append(topic, partition, records, codec)
  },
  appendTransaction: ({ topic, partition }, end, values) => transact(topic, partition, end, values),
  deleteBelow: async ({ topic, partition }, offset) => {
    await withAdmin(cluster, (admin) =>
      admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition, offset }] }] }),
    )
  },
}))

const seenBatches = async (partition: PartitionId): Promise<SeenBatch[]> => {
  const brokers = new BrokerConnections(cluster)
  try {
    const seen: SeenBatch[] = []
    for await (const batch of readLog(brokers, partition)) seen.push(batch)
    return seen
  } finally {
    await brokers.close()
  }
}

describe('the corpus, as our reader and the judge of the tests see it', () => {
  beforeAll(async () => {
    await createTopics(cluster, Object.values(CORPUS_TOPICS))
    await produceAwkwardTopics(cluster, { seed: 3 })
  })

  it.each(['awkward', 'transactions', 'compacted'] as const)('the topic %s', async (name) => {
    const { name: topic, partitions } = CORPUS_TOPICS[name]
    const reader = openReader()
    let holes = 0
    for (let partition = 0; partition < partitions; partition++) {
      const seen = await seenBatches({ topic, partition })
      const judged = seen.map(({ batch }) => batch)
      const committed = seen
        .filter(({ visibility }) => visibility === 'committed')
        .flatMap(({ batch }) => batch.records)
      const { records, next, recordless } = await readOn(reader, { topic, partition }, 0n, 'uncommitted', 100_000)
      expect(records).toEqual(judged.flatMap((batch) => batch.records))
      expect((await readOn(reader, { topic, partition }, 0n)).records).toEqual(committed)
      expect(next).toBe((judged.at(-1)?.lastOffset ?? -1n) + 1n)
      holes += Number(next) - records.length - recordless.length
    }
    expect(holes > 0).toBe(name === 'compacted')
  })
})

describe('a cluster that does not answer', () => {
  const lost = { topic: 'lost', partition: 0 }

  it('is told of by each partition, and by whoever reads, within the deadline', async () => {
    const reader = openReader(['127.0.0.1:1'])
    const edges = await reader.edges([lost], inTime(3_000))
    expect((edges.get('lost-0') as ReplicationError).code).toBe('SOURCE_UNREACHABLE')
    const reading = reader.read(lost, 0n, { maxBytes: 1_000, isolation: 'committed' }, inTime(1_000))
    await expect(reading).rejects.toThrow(ReplicationError)
    await expect(reading).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  })
})
