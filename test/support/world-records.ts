import { kafkaClient } from '../../local/kafka/kafka-client.ts'

interface Cluster {
  readonly bootstrapServers: readonly string[]
}

const clientOf = ({ bootstrapServers }: Cluster) => kafkaClient([...bootstrapServers], { kind: 'none' })

/** Appends so many records to a topic of a cluster without logins. */
export const writeRecords = async (cluster: Cluster, topic: string, count: number): Promise<void> => {
  const producer = clientOf(cluster).producer()
  await producer.connect()
  try {
    const messages = Array.from({ length: count }, (_, at) => ({ key: `${at}`, value: `${at}` }))
    await producer.send({ topic, messages })
  } finally {
    await producer.disconnect()
  }
}

/** How many records a topic has had. */
export const recordsIn = async (cluster: Cluster, topic: string): Promise<number> => {
  const admin = clientOf(cluster).admin()
  await admin.connect()
  try {
    const offsets = await admin.fetchTopicOffsets(topic)
    return offsets.reduce((sum, { offset }) => sum + Number(offset), 0)
  } finally {
    await admin.disconnect()
  }
}
