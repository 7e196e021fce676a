import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kafka } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalCluster, startCluster } from '../../local/kafka/cluster.ts'
import type { ClusterLogin } from '../../local/kafka/cluster-login.ts'
import { createTopics, kafkaClient } from '../../local/kafka/kafka-client.ts'

const clientOf = (cluster: LocalCluster, login: ClusterLogin = cluster.login): Kafka =>
  kafkaClient(cluster.bootstrapServers, login)

const withAdmin = async <Answer>(
  kafka: Kafka,
  ask: (admin: ReturnType<Kafka['admin']>) => Promise<Answer>,
): Promise<Answer> => {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await ask(admin)
  } finally {
    await admin.disconnect()
  }
}

const append = async (kafka: Kafka, topic: string, value: string): Promise<void> => {
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  await producer.send({ topic, messages: [{ value }] })
  await producer.disconnect()
}

const endOffset = (kafka: Kafka, topic: string): Promise<string | undefined> =>
  withAdmin(kafka, async (admin) => (await admin.fetchTopicOffsets(topic)).at(0)?.offset)

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinshore-cluster-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a cluster of one broker', () => {
  let cluster: LocalCluster
  beforeAll(async () => {
    cluster = await startCluster({ name: 'one', folder })
  })
  afterAll(() => cluster.stop())

  it('tells its own cluster id', async () => {
    const { clusterId } = await withAdmin(clientOf(cluster), (admin) => admin.describeCluster())
    expect(clusterId).toBe(cluster.clusterId)
  })

  it.each(['stop', 'kill'] as const)('keeps its data and its port over a %s', async (end) => {
    const topic = `kept-over-${end}`
    const [broker] = cluster.brokers
    await createTopics(cluster, [topic], 1)
    await append(clientOf(cluster), topic, 'before')
    await broker?.[end]()
    expect(broker?.pid).toBeUndefined()
    await broker?.start()
    await append(clientOf(cluster), topic, 'after')
    expect(await endOffset(clientOf(cluster), topic)).toBe('2')
  })

  it('says nothing while it is paused, and goes on when resumed', async () => {
    const [broker] = cluster.brokers
    const impatient = kafkaClient(cluster.bootstrapServers, cluster.login, {
      requestTimeout: 300,
      connectionTimeout: 300,
      retry: { retries: 0 },
    })
    broker?.pause()
    await expect(withAdmin(impatient, (admin) => admin.listTopics())).rejects.toThrow()
    broker?.resume()
    expect(await withAdmin(clientOf(cluster), (admin) => admin.listTopics())).toBeInstanceOf(Array)
  })
})

describe('a secure cluster of three brokers', () => {
  let cluster: LocalCluster
  beforeAll(async () => {
    cluster = await startCluster({ name: 'three', folder, brokers: 3, secure: true })
  })
  afterAll(() => cluster.stop())

  it('replicates a topic to all brokers from the start', async () => {
    const kafka = clientOf(cluster)
    await createTopics(cluster, ['replicated'], 1)
    await append(kafka, 'replicated', 'x')
    const { topics } = await withAdmin(kafka, (admin) => admin.fetchTopicMetadata({ topics: ['replicated'] }))
    expect(topics[0]?.partitions[0]?.replicas).toHaveLength(3)
  })

  it('refuses a wrong password, and gives an ordinary user nothing', async () => {
    const stranger = { ...cluster.loginOf('application'), password: 'wrong' }
    await expect(withAdmin(clientOf(cluster, stranger), (admin) => admin.listTopics())).rejects.toThrow(/SASL/)
    const ordinary = clientOf(cluster, cluster.loginOf('application'))
    expect(await withAdmin(ordinary, (admin) => admin.listTopics())).toEqual([])
  })

  it('leaves no process behind when it stops', async () => {
    const pids = cluster.brokers.flatMap(({ pid }) => pid ?? [])
    expect(pids.filter(isRunning)).toHaveLength(3)
    await cluster.stop()
    expect(pids.filter(isRunning)).toEqual([])
  })
})
