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
  /** The leader of each partition, by partition; a partition in the middle of an election has none. */
  readonly leaders: ReadonlyMap<number, number | undefined>
}

export interface Metadata {
  readonly brokers: readonly BrokerAddress[]
  readonly topics: readonly TopicMetadata[]
}

/** Metadata v12 (Kafka 3.1 and later): has topic ids, and one broken topic or partition does not spoil the others. */
export const metadataRequest = (topics: readonly string[]): KafkaRequest<Metadata> => ({
  name: 'Metadata',
  apiKey: 3,
  apiVersion: 12,
  flexible: true,
  write: (writer) => {
    const createMissing = false
    const withAccessRights = false
    writer
      .compactArray(topics, (topic) => writer.noUuid().compactString(topic).noTags())
      .boolean(createMissing)
      .boolean(withAccessRights)
      .noTags()
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    const brokers = reader.compactArray(() => readBroker(reader))
    reader.compactString() // cluster id
    reader.int32() // controller
    const topics = reader.compactArray(() => readTopic(reader))
    reader.skipTags()
    return { brokers, topics }
  },
})

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
  reader.boolean() // internal
  const leaders = new Map(reader.compactArray(() => readPartition(reader)))
  reader.int32() // access rights
  reader.skipTags()
  return { error, topic, topicId, leaders }
}

const readPartition = (reader: ResponseReader): [number, number | undefined] => {
  reader.int16() // error
  const partition = reader.int32()
  const leader = reader.int32()
  reader.int32() // leader epoch
  reader.compactArray(() => reader.int32()) // replicas
  reader.compactArray(() => reader.int32()) // in-sync replicas
  reader.compactArray(() => reader.int32()) // offline replicas
  reader.skipTags()
  return [partition, leader < 0 ? undefined : leader]
}
