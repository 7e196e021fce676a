import type { Admin } from 'kafkajs'
import { type LocalCluster, startCluster } from '../local/kafka/cluster.ts'
import { kafkaClient } from '../local/kafka/kafka-client.ts'
import { createTopics } from '../local/kafka/local-topics.ts'
import { eventually } from '../local/machine/eventually.ts'
import { BENCH_KAFKA } from './machine.ts'

/** As Kafka's own start scripts set a JVM, with a heap that suits two brokers beside each other on a small machine. */
const BROKER_JVM = [
  '-Xms1g',
  '-Xmx1g',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
]

/** Gigabytes pass through, so that deleted topics must give their space back soon. */
const GIVES_SPACE_BACK = {
  'log.segment.delete.delay.ms': '1000',
  'log.retention.check.interval.ms': '5000',
  'num.network.threads': '3',
  'num.io.threads': '8',
}

export const startBenchCluster = (name: string, folder: string): Promise<LocalCluster> =>
  startCluster({ name, folder, version: BENCH_KAFKA, jvmOptions: BROKER_JVM, properties: GIVES_SPACE_BACK })

const LEADERS_WITHIN_MS = 30_000

type Reached = Pick<LocalCluster, 'bootstrapServers' | 'login'>

export const withAdmin = async <Answer>(cluster: Reached, ask: (admin: Admin) => Promise<Answer>): Promise<Answer> => {
  const admin = kafkaClient(cluster.bootstrapServers, cluster.login).admin()
  await admin.connect()
  try {
    return await ask(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Made, and answered for by the leader of every partition, which takes a moment longer. */
export const createTopic = async (
  cluster: LocalCluster,
  topic: string,
  partitions: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> => {
  await createTopics(cluster, [{ name: topic, partitions, settings }])
  await withAdmin(cluster, (admin) =>
    eventually(
      `leaders of ${topic}`,
      () =>
        countRecords(admin, topic).then(
          () => true,
          () => false,
        ),
      { withinMs: LEADERS_WITHIN_MS },
    ),
  )
}

/** A topic that somebody else may have removed, or never made. */
export const dropTopic = (cluster: Reached, topic: string): Promise<void> =>
  withAdmin(cluster, async (admin) => {
    if ((await admin.listTopics()).includes(topic)) await admin.deleteTopics({ topics: [topic] })
  })

/** Records of a topic, markers included, as the ends of its partitions count them. */
export const countRecords = async (admin: Admin, topic: string): Promise<number> => {
  const offsets = await admin.fetchTopicOffsets(topic)
  return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0)
}
