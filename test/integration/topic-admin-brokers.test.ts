import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { KafkaTopicAdmin } from '../../shared/adapters/kafka/kafka-topic-admin.ts'
import { NO_SECRETS, openAccess, openCluster } from '../support/target-cluster.ts'
import { inTime } from '../support/target-log-contract.ts'
import { newTopic } from '../support/topic-admin-contract.ts'

let cluster: LocalCluster
let close: () => Promise<void>
let admin: KafkaTopicAdmin

beforeAll(async () => {
  ;({ cluster, close } = await openCluster({ brokers: 3, properties: { 'broker.session.timeout.ms': '4000' } }))
  const timeouts = { connectMs: 1_000, loginMs: 1_500, questionMs: 1_500, bulkMs: 3_000 }
  admin = new KafkaTopicAdmin(openAccess(cluster.bootstrapServers), { secrets: NO_SECRETS, side: 'target', timeouts })
})
afterAll(async () => {
  admin?.close()
  await close?.()
})

const tripled = (topic: string) => ({ ...newTopic(topic, 3, { 'retention.ms': '1000' }), replicationFactor: 3 })

const SHOWN = { timeout: 20_000 }

describe('three brokers', () => {
  it('are counted, and so are the replicas of a topic', async () => {
    expect((await admin.create([tripled('wide')], inTime())).get('wide')).toBe('created')
    const described = async () => {
      const { brokers, topics } = await admin.describe(inTime())
      return { brokers, replicas: topics.get('wide')?.replicationFactor }
    }
    await expect.poll(described, SHOWN).toEqual({ brokers: 3, replicas: 3 })
  })

  it('know a topic in a moment, also when it is asked for, altered and grown at once', async () => {
    for (let index = 0; index < 10; index++) {
      const topic = `quick-${index}`
      expect((await admin.create([tripled(topic)], inTime())).get(topic)).toBe('created')
      const [settings, altered, grown] = await Promise.all([
        admin.settings([topic], inTime()),
        admin.alter(new Map([[topic, [{ name: 'max.message.bytes', value: '2000' }]]]), inTime()),
        admin.grow(new Map([[topic, 4]]), inTime()),
      ])
      expect(settings.get(topic)).toBeInstanceOf(Map)
      expect([altered.get(topic), grown.get(topic)]).toEqual(['altered', 'grown'])
    }
  })

  it('are still changed when one of them dies, and none of its leaderless topics is taken for deleted', async () => {
    const [broker] = cluster.brokers
    await broker?.kill()
    const names = ['during', 'after']
    for (const topic of names) {
      const answers = await admin.create([{ ...newTopic(topic), replicationFactor: 2 }], inTime())
      expect(['created', 'TOPIC_EXISTS']).toContain(codeOf(answers.get(topic)))
    }
    const { topics } = await admin.describe(inTime())
    expect(Array.from({ length: 10 }, (_, index) => topics.get(`quick-${index}`)?.replicationFactor)).toEqual(
      Array.from({ length: 10 }, () => 3),
    )
    await expect.poll(async () => (await admin.describe(inTime())).brokers, SHOWN).toBe(2)
  })
})

const codeOf = (answer: unknown): unknown => (answer instanceof Error && 'code' in answer ? answer.code : answer)
