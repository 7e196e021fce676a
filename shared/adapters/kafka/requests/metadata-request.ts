import type { KafkaRequest } from './kafka-request.ts'
import type { ResponseReader } from './response-reader.ts'

export interface BrokerAddress {
  readonly node: number
  readonly host: string
  readonly port: number
}

export interface TopicMetadata {
  /** Kafka's error number of this topic alone. */
  readonly error: number
  readonly topic: string
  readonly topicId: string
  readonly internal: boolean
  /** The leader of each partition, by partition; a partition in the middle of an election has none. */
  readonly leaders: ReadonlyMap<number, number | undefined>
  /** Of the partition with the fewest; absent when there is no partition. */
  readonly replicas?: number
}

export interface Metadata {
  /** Those that are up. */
  readonly brokers: readonly BrokerAddress[]
  readonly clusterId: string | undefined
  /** Where changes go; without ZooKeeper any broker, which passes them on. */
  readonly controller: number | undefined
  readonly topics: readonly TopicMetadata[]
}

/** Metadata v12 (Kafka 3.1 and later): has topic ids, and one broken topic or partition does not spoil the others. */
export const metadataRequest = (topics: readonly string[] | 'all'): KafkaRequest<Metadata> => ({
  name: 'Metadata',
  apiKey: 3,
  apiVersion: 12,
  flexible: true,
  bulky: topics === 'all',
  write: (writer) => {
    const createMissing = false
    const withAccessRights = false
    if (topics === 'all') writer.nullCompactArray()
    else writer.compactArray(topics, (topic) => writer.noUuid().compactString(topic).noTags())
    writer.boolean(createMissing).boolean(withAccessRights).noTags()
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    const brokers = reader.compactArray(() => readBroker(reader))
    const clusterId = reader.compactString()
    const controller = nodeOf(reader.int32())
    const topics = reader.compactArray(() => readTopic(reader))
    reader.skipTags()
    return { brokers, clusterId, controller, topics }
  },
})

const nodeOf = (node: number): number | undefined => (node < 0 ? undefined : node)

const readBroker = (reader: ResponseReader): BrokerAddress => {
  const broker = { node: reader.int32(), host: reader.compactString() ?? '', port: reader.int32() }
  reader.compactString() // rack
  reader.skipTags()
  return broker
}

const readTopic = (reader: ResponseReader): TopicMetadata => {
  const error = reader.int16()
  const topic = reader.compactString() ?? ''
  const topicId = reader.uuid()
  const internal = reader.boolean()
  const partitions = reader.compactArray(() => readPartition(reader))
  reader.int32() // access rights
  reader.skipTags()
  const leaders = new Map(partitions.map(({ partition, leader }) => [partition, leader]))
  const replicas = partitions.length === 0 ? {} : { replicas: Math.min(...partitions.map(({ replicas }) => replicas)) }
  return { error, topic, topicId, internal, leaders, ...replicas }
}

const readPartition = (reader: ResponseReader): { partition: number; leader: number | undefined; replicas: number } => {
  reader.int16() // error
  const partition = reader.int32()
  const leader = nodeOf(reader.int32())
  reader.int32() // leader epoch
  const replicas = reader.compactArray(() => reader.int32()).length
  reader.compactArray(() => reader.int32()) // in-sync replicas
  reader.compactArray(() => reader.int32()) // offline replicas
  reader.skipTags()
  return { partition, leader, replicas }
}
