import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { kafkaClient } from '../../local/kafka/kafka-client.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'

export interface PlacedTopic {
  readonly topic: string
  /** The nodes of each partition, of all as many. */
  readonly replicas: readonly (readonly number[])[]
  readonly settings?: Readonly<Record<string, string>>
}

/** Makes topics whose replicas are where the test wants them. */
export const createPlacedTopics = (cluster: LocalCluster, topics: readonly PlacedTopic[]): Promise<void> =>
  createTopics(
    cluster,
    topics.map(({ topic: name, replicas, settings }) => ({
      name,
      partitions: replicas.length,
      replicas,
      ...(settings && { settings }),
    })),
  )

const WRITE_WITHIN_MS = 3_000

/** One record with acks=all to the first partition, by a client that only knows who is up; whether all that must have it do. */
export const canWrite = async ({ brokers, login }: LocalCluster, topic: string): Promise<boolean> => {
  const up = brokers.flatMap(({ pid, port }) => (pid === undefined ? [] : [`127.0.0.1:${port}`]))
  const client = kafkaClient(up, login, {
    retry: { retries: 0 },
    connectionTimeout: WRITE_WITHIN_MS,
    requestTimeout: WRITE_WITHIN_MS,
  })
  const producer = client.producer({ allowAutoTopicCreation: false })
  try {
    await producer.connect()
    const messages = [{ partition: 0, value: 'x' }]
    await producer.send({ topic, messages, acks: -1, timeout: WRITE_WITHIN_MS - 500 })
    return true
  } catch {
    return false // refused, or nobody answered
  } finally {
    await producer.disconnect()
  }
}
