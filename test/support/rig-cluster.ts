import { Admin as PlatformaticAdmin } from '@platformatic/kafka'
import type { Admin } from 'kafkajs'
import { BrokerConnections } from '../../local/check/broker-connections.ts'
import { readLog, readTopic } from '../../local/check/log-reader.ts'
import { PartitionLog } from '../../local/check/partition-log.ts'
import type { Codec } from '../../local/check/record-compression.ts'
import type { CorpusRecord } from '../../local/corpus/corpus-records.ts'
import { RecordAppender } from '../../local/corpus/record-appender.ts'
import { type ClusterOptions, type LocalCluster, startCluster } from '../../local/kafka/cluster.ts'
import { kafkaClient } from '../../local/kafka/kafka-client.ts'
import { clientOptions, createTopics } from '../../local/kafka/local-topics.ts'
import { eventually } from '../../local/machine/eventually.ts'

export interface TopicOptions {
  /** @default 1 */
  readonly partitions?: number
  /** On top of `KEEPS_EVERYTHING`. */
  readonly settings?: Readonly<Record<string, string>>
}

const SERVED_WITHIN_MS = 30_000

/** However old or young a record says it is, nothing refuses it and nothing takes it away. */
const KEEPS_EVERYTHING = { 'retention.ms': '-1', 'message.timestamp.after.max.ms': '9223372036854775807' }

/** A real cluster and what a test does with it. */
export class RigCluster {
  readonly cluster: LocalCluster
  #appender: RecordAppender

  constructor(cluster: LocalCluster) {
    this.cluster = cluster
    this.#appender = new RecordAppender(cluster)
  }

  async createTopic(name: string, { partitions = 1, settings = {} }: TopicOptions = {}): Promise<void> {
    await createTopics(this.cluster, [{ name, partitions, settings: { ...KEEPS_EVERYTHING, ...settings } }])
    await this.untilServed(name)
  }

  /** A topic is created a moment before its leaders know that they lead it. */
  async untilServed(topic: string): Promise<void> {
    const serves = async (): Promise<boolean> => {
      try {
        await this.logs(topic)
        return true
      } catch {
        return false // asked again until the deadline
      }
    }
    await eventually(`leaders of ${topic} to serve`, serves, { withinMs: SERVED_WITHIN_MS })
  }

  async produce(topic: string, partition: number, records: readonly CorpusRecord[], codec: Codec = 'none') {
    return this.#appender.append(topic, partition, records, codec)
  }

  /** By partition number. */
  logs(topic: string): Promise<PartitionLog[]> {
    return readTopic(this.cluster, topic)
  }

  /** As they are to readers of committed records, by partition number. */
  async committedLogs(topic: string): Promise<PartitionLog[]> {
    const brokers = new BrokerConnections(this.cluster)
    try {
      const whole = await this.logs(topic)
      return await Promise.all(whole.map((log) => committedOf(brokers, log)))
    } finally {
      await brokers.close()
    }
  }

  /** As retention does it: the log begins at `offset` from now on. */
  async deleteBelow(topic: string, partition: number, offset: bigint): Promise<void> {
    const admin = new PlatformaticAdmin(clientOptions(this.cluster)) // kafkajs forgets to load the metadata for this one
    await admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition, offset }] }] })
    await admin.close()
  }

  async administer<Answer>(act: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    const admin = kafkaClient(this.cluster.bootstrapServers, this.cluster.login).admin()
    await admin.connect()
    try {
      return await act(admin)
    } finally {
      await admin.disconnect()
    }
  }

  /** Leaders and connections that were known are no longer true, since a topic or a broker went and came back. */
  async forget(): Promise<void> {
    await this.#appender.close()
    this.#appender = new RecordAppender(this.cluster)
  }

  async stop(): Promise<void> {
    await this.#appender.close()
    await this.cluster.stop()
  }
}

const committedOf = async (brokers: BrokerConnections, { partition, logStart, logEnd }: PartitionLog) => {
  const committed = new PartitionLog(partition)
  committed.logStart = logStart
  committed.logEnd = logEnd
  for await (const { batch, visibility } of readLog(brokers, partition))
    if (visibility === 'committed') for (const record of batch.records) committed.append(record, visibility)
  return committed
}

/** `TWINSHORE_KAFKA=3.9.2` chooses the newest 3.x. */
const version = (): Pick<ClusterOptions, 'version'> => {
  const wanted = process.env.TWINSHORE_KAFKA
  if (wanted === undefined) return {}
  if (wanted === '4.3.1' || wanted === '3.9.2') return { version: wanted }
  throw new Error(`TWINSHORE_KAFKA is ${wanted}; it can be 4.3.1 (the default) or 3.9.2`)
}

export const startRigCluster = async (options: Omit<ClusterOptions, 'version'>): Promise<RigCluster> =>
  new RigCluster(await startCluster({ ...options, ...version() }))
