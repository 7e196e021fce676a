import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { KafkaClusterLayout } from '../../shared/adapters/kafka/kafka-cluster-layout.ts'
import { KafkaTopicAdmin } from '../../shared/adapters/kafka/kafka-topic-admin.ts'
import type { RackReport } from '../../shared/domain/racks/rack-report.ts'
import { surveyRacks } from '../../shared/usecases/racks/survey-racks.ts'
import { describeClusterLayout } from '../support/cluster-layout-contract.ts'
import { inTime } from '../support/in-time.ts'
import { canWrite, createPlacedTopics, type PlacedTopic } from '../support/placed-topics.ts'
import { NO_SECRETS, openAccess, openCluster } from '../support/target-cluster.ts'

/** Dead brokers are given up quickly. */
const properties = { 'broker.session.timeout.ms': '3000', 'replica.lag.time.max.ms': '5000' }
const timeouts = { connectMs: 1_000, loginMs: 1_500, questionMs: 2_500, bulkMs: 3_000 }

const connect = ({ bootstrapServers }: LocalCluster) => {
  const options = { secrets: NO_SECRETS, side: 'target' as const, timeouts }
  const layout = new KafkaClusterLayout(openAccess(bootstrapServers), options)
  const topics = new KafkaTopicAdmin(openAccess(bootstrapServers), options)
  const close = (): void => {
    layout.close()
    topics.close()
  }
  return { layout, survey: () => surveyRacks(inTime(), { layout, topics }), close }
}

describeClusterLayout('the layout of three brokers', async () => {
  const { cluster, close } = await openCluster({ brokers: 3, racks: ['a', 'b', 'c'], properties })
  const connected = connect(cluster)
  return {
    layout: connected.layout,
    createTopic: (topic, replicas) => createPlacedTopics(cluster, [{ topic, replicas }]),
    kill: async (node) => cluster.brokers.find(({ id }) => id === node)?.kill(),
    close: async () => {
      connected.close()
      await close()
    },
  }
})

const placed = (topic: string, replicas: readonly number[], minInSync: number): PlacedTopic => ({
  topic,
  replicas: [replicas],
  settings: { 'min.insync.replicas': String(minInSync) },
})

const TOPICS = [
  placed('three-need-one', [1, 2, 3], 1),
  placed('three-need-two', [3, 1, 2], 2),
  placed('three-need-three', [2, 3, 1], 3),
  placed('pair-needs-one', [1, 2], 1),
  placed('pair-needs-two', [2, 3], 2),
  placed('one-needs-one', [3], 1),
  placed('one-needs-two', [1], 2),
]

/** By then leaders have moved and the dead are given up, or nothing of that will happen. */
const SETTLED_WITHIN_MS = 20_000
const WHOLE = { timeout: 110_000, interval: 500 }

/** Which topics take records with acks=all, when they are given time for it. */
const writable = async (cluster: LocalCluster): Promise<ReadonlySet<string>> => {
  const until = Date.now() + SETTLED_WITHIN_MS
  const takes = async ({ topic }: PlacedTopic): Promise<string[]> => {
    while (Date.now() < until) if (await canWrite(cluster, topic)) return [topic]
    return []
  }
  return new Set((await Promise.all(TOPICS.map(takes))).flat())
}

const predictedFor = ({ unsafe }: RackReport, rack: string): string[] => {
  const stopped = new Set(unsafe.filter(({ racks }) => racks.includes(rack)).map(({ topic }) => topic))
  return TOPICS.map(({ topic }) => topic).filter((topic) => !stopped.has(topic))
}

describe.each([
  ['three racks', ['a', 'b', 'c']],
  ['two racks, of which one has the majority of the controllers', ['a', 'a', 'b']],
])('what can be written after the loss of one of %s', (_what, racks) => {
  let cluster: LocalCluster
  let close: () => Promise<void>
  let connected: ReturnType<typeof connect>
  beforeAll(async () => {
    ;({ cluster, close } = await openCluster({ brokers: 3, racks, properties }))
    connected = connect(cluster)
    await createPlacedTopics(cluster, TOPICS)
  })
  afterAll(async () => {
    connected?.close()
    await close?.()
  })

  const isWhole = async (): Promise<boolean> => {
    const { brokers, partitions, quorum } = await connected.layout.describe(inTime())
    const inSync = partitions.every((one) => one.leader !== undefined && one.inSync.length === one.replicas.length)
    const following = quorum.kind === 'told' && quorum.voters.every(({ follows }) => follows)
    return brokers.length === 3 && partitions.length >= TOPICS.length && inSync && following
  }

  it.each([...new Set(racks)])('is what was predicted for rack %s', async (rack) => {
    await expect.poll(isWhole, WHOLE).toBe(true)
    expect([...(await writable(cluster))].sort()).toEqual(TOPICS.map(({ topic }) => topic).sort())
    const predicted = predictedFor(await connected.survey(), rack)
    const lost = cluster.brokers.filter((_, index) => racks[index] === rack)
    await Promise.all(lost.map((broker) => broker.kill()))
    try {
      expect([...(await writable(cluster))].sort()).toEqual(predicted.sort())
    } finally {
      await Promise.all(lost.map((broker) => broker.start()))
    }
  })

  it('was predicted of some topics and not of others', async () => {
    await expect.poll(isWhole, WHOLE).toBe(true)
    const report = await connected.survey()
    const going = racks.map((rack) => predictedFor(report, rack).length)
    for (const count of going) expect([count > 0, count < TOPICS.length]).toEqual([true, true])
    expect(report.quorum.kind).toBe(racks.includes('c') ? 'safe' : 'unsafe')
  })
})
