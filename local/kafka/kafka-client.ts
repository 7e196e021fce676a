import { Kafka, type KafkaConfig, logLevel } from 'kafkajs'
import { eventually } from '../machine/eventually.ts'
import type { ClusterLogin } from './cluster-login.ts'

const LEADERS_WITHIN_MS = 30_000

/** A quiet client, for administration and small checks. Data is read and written with others, see `log-reader.ts`. */
export const kafkaClient = (
  bootstrapServers: readonly string[],
  login: ClusterLogin,
  own: Partial<KafkaConfig> = {},
): Kafka =>
  new Kafka({
    brokers: [...bootstrapServers],
    logLevel: logLevel.NOTHING,
    ...(login.kind !== 'none' && {
      ssl: { ca: [login.ca] },
      sasl: { mechanism: login.kind, username: login.username, password: login.password },
    }),
    ...own,
  })

interface ClusterPlace {
  readonly bootstrapServers: readonly string[]
  readonly login: ClusterLogin
}

/** To `partitions` in all, where brokers choose; the client of the checks would have to. */
export const growTopic = async (
  { bootstrapServers, login }: ClusterPlace,
  topic: string,
  partitions: number,
): Promise<void> => {
  const admin = kafkaClient(bootstrapServers, login).admin()
  await admin.connect()
  try {
    await admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] })
  } finally {
    await admin.disconnect()
  }
}

/**
 * Makes topics, and returns when every partition has a leader. kafkajs can wait for that by itself, but gives up at the
 * first answer of a broker that has not heard of the topic yet.
 */
export const createTopics = async (
  { bootstrapServers, login }: ClusterPlace,
  names: readonly string[],
  partitions: number,
): Promise<void> => {
  const admin = kafkaClient(bootstrapServers, login).admin()
  await admin.connect()
  const haveLeaders = async (): Promise<boolean> => {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [...names] })
      return topics.every((topic) => topic.partitions.every(({ leader }) => leader >= 0))
    } catch {
      return false // not every broker knows them yet
    }
  }
  try {
    await admin.createTopics({
      waitForLeaders: false,
      topics: names.map((topic) => ({ topic, numPartitions: partitions })),
    })
    await eventually(`leaders of ${names.join(', ')}`, haveLeaders, { withinMs: LEADERS_WITHIN_MS })
  } finally {
    await admin.disconnect()
  }
}
