import type { KafkaRequest } from './kafka-request.ts'
import type { ResponseReader } from './response-reader.ts'

export interface BrokerAddress {
  readonly node: number
  readonly host: string
  readonly port: number
  /** `broker.rack`; absent where the broker has none, or was not asked. */
  readonly rack?: string
}

/** Brokers by node. */
export interface PartitionMetadata {
  readonly partition: number
  /** Absent in the middle of an election. */
  readonly leader?: number
  readonly replicas: readonly number[]
  readonly inSync: readonly number[]
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
  readonly partitions: readonly PartitionMetadata[]
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
  const address = { node: reader.int32(), host: reader.compactString() ?? '', port: reader.int32() }
  const rack = reader.compactString()
  reader.skipTags()
  return rack === undefined || rack === '' ? address : { ...address, rack }
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
  const counts = partitions.map(({ replicas }) => replicas.length)
  const fewest = counts.length === 0 ? {} : { replicas: Math.min(...counts) }
  return { error, topic, topicId, internal, leaders, ...fewest, partitions }
}

const readPartition = (reader: ResponseReader): PartitionMetadata => {
  reader.int16() // error
  const partition = reader.int32()
  const leader = nodeOf(reader.int32())
  reader.int32() // leader epoch
  const replicas = reader.compactArray(() => reader.int32())
  const inSync = reader.compactArray(() => reader.int32())
  reader.compactArray(() => reader.int32()) // offline replicas
  reader.skipTags()
  return { partition, ...(leader !== undefined && { leader }), replicas, inSync }
}
