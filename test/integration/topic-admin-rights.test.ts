import { AclOperations, AclPermissionTypes, ResourcePatternTypes, ResourceTypes } from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { KafkaTopicAdmin } from '../../shared/adapters/kafka/kafka-topic-admin.ts'
import { accessAs } from '../support/access-login.ts'
import { openCluster, withAdmin } from '../support/target-cluster.ts'
import { inTime } from '../support/target-log-contract.ts'
import { newTopic } from '../support/topic-admin-contract.ts'

const { CREATE, DELETE, ALTER, DESCRIBE, ALTER_CONFIGS, DESCRIBE_CONFIGS } = AclOperations

let cluster: LocalCluster
let close: () => Promise<void>
const admins: KafkaTopicAdmin[] = []

beforeAll(async () => {
  ;({ cluster, close } = await openCluster({ secure: true }))
  const topics = ['seen', 'managed', 'hidden'].map((topic) => newTopic(topic))
  const made = await open('admin').create(topics, inTime())
  expect([...made.values()]).toEqual(['created', 'created', 'created'])
  await allow('seen', [DESCRIBE])
  await allow('managed', [DELETE, ALTER, DESCRIBE, ALTER_CONFIGS, DESCRIBE_CONFIGS])
  await allow('granted', [CREATE])
})
afterAll(async () => {
  for (const admin of admins) admin.close()
  await close?.()
})

const open = (user: 'admin' | 'replicator'): KafkaTopicAdmin => {
  const { access, secrets } = accessAs(cluster, user)
  const admin = new KafkaTopicAdmin(access, { secrets, side: 'target' })
  admins.push(admin)
  return admin
}

const allow = (topic: string, operations: readonly number[]) =>
  withAdmin(cluster, (admin) =>
    admin.createAcls({
      creations: operations.map((operation) => ({
        resourceType: ResourceTypes.TOPIC,
        resourceName: topic,
        resourcePatternType: ResourcePatternTypes.LITERAL,
        principal: 'User:replicator',
        host: '*',
        operation: operation as 4,
        permissionType: AclPermissionTypes.ALLOW,
      })),
    }),
  )

const denied = (right: string) => ({
  code: 'TOPIC_DENIED',
  message: expect.stringContaining(`on ${cluster.name}: User:replicator lacks ${right}`),
})

describe('a login without all rights', () => {
  it('does not see in a list what it may not describe, and is told of what it names', async () => {
    const admin = open('replicator')
    const { topics, undescribed } = await admin.describe(inTime(), ['seen', 'hidden'])
    expect([...topics.keys()].sort()).toEqual(['managed', 'seen'])
    expect([...undescribed.keys()]).toEqual(['hidden'])
    expect(undescribed.get('hidden')).toMatchObject(denied('DESCRIBE on Topic `hidden`'))
  })

  it.each([
    {
      right: 'CREATE on Topic `seen-not` or on Cluster `kafka-cluster`',
      topic: 'seen-not',
      may: 'granted',
      ask: (admin: KafkaTopicAdmin) =>
        admin.create(
          ['seen-not', 'granted'].map((topic) => newTopic(topic)),
          inTime(),
        ),
    },
    {
      right: 'DESCRIBE_CONFIGS on Topic `seen`',
      topic: 'seen',
      may: 'managed',
      ask: (admin: KafkaTopicAdmin) => admin.settings(['seen', 'managed'], inTime()),
    },
    {
      right: 'ALTER on Topic `seen`',
      topic: 'seen',
      may: 'managed',
      ask: (admin: KafkaTopicAdmin) => admin.grow(new Map(['seen', 'managed'].map((topic) => [topic, 2])), inTime()),
    },
    {
      right: 'ALTER_CONFIGS on Topic `seen`',
      topic: 'seen',
      may: 'managed',
      ask: (admin: KafkaTopicAdmin) => {
        const changes = [{ name: 'retention.ms', value: '1000' }]
        return admin.alter(new Map(['seen', 'managed'].map((topic) => [topic, changes])), inTime())
      },
    },
    {
      right: 'DELETE on Topic `seen`',
      topic: 'seen',
      may: 'managed',
      ask: (admin: KafkaTopicAdmin) => admin.remove(['seen', 'managed'], inTime()),
    },
  ])('is told that it lacks $right, and may go on where it has it', async ({ right, topic, may, ask }) => {
    const answers = await ask(open('replicator'))
    expect(answers.get(topic)).toMatchObject(denied(right))
    expect(answers.get(may)).not.toBeInstanceOf(Error)
    expect(answers.get(may)).toBeDefined()
  })

  it('is told that a topic is there which it does not see, when it may make it', async () => {
    await allow('hidden', [CREATE])
    const answer = (await open('replicator').create([newTopic('hidden')], inTime())).get('hidden')
    expect(answer).toMatchObject({ code: 'TOPIC_EXISTS', message: expect.stringContaining('DESCRIBE') })
  })
})
