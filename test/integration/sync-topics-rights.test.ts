import { AclOperations, AclPermissionTypes, ResourcePatternTypes, ResourceTypes } from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { kafkaClient } from '../../local/kafka/kafka-client.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { KafkaGroupPositions } from '../../shared/adapters/kafka/kafka-group-positions.ts'
import { KafkaTopicAdmin } from '../../shared/adapters/kafka/kafka-topic-admin.ts'
import { passReport } from '../../shared/usecases/topics/pass-report.ts'
import { accessAs } from '../support/access-login.ts'
import { inTime } from '../support/in-time.ts'
import { kindsOf, SyncWorld } from '../support/sync-world.ts'
import { openCluster, withAdmin } from '../support/target-cluster.ts'
import { newTopic } from '../support/topic-admin-contract.ts'

const { CREATE, DESCRIBE, DESCRIBE_CONFIGS, ALTER, ALTER_CONFIGS, READ } = AclOperations
const { TOPIC, GROUP } = ResourceTypes
const ALLOWED_WITHIN_MS = 10_000

let cluster: LocalCluster
let close: () => Promise<void>
let admin: KafkaTopicAdmin
let groups: KafkaGroupPositions

beforeAll(async () => {
  ;({ cluster, close } = await openCluster({ secure: true }))
  const { access, secrets } = accessAs(cluster, 'replicator')
  admin = new KafkaTopicAdmin(access, { secrets, side: 'target' })
  groups = new KafkaGroupPositions(access, { secrets })
})
afterAll(async () => {
  admin?.close()
  groups?.close()
  await close?.()
})

const allow = (resourceType: number, resourceName: string, operations: readonly number[]) =>
  withAdmin(cluster, (as) =>
    as.createAcls({
      creations: operations.map((operation) => ({
        resourceType: resourceType as 2,
        resourceName,
        resourcePatternType: ResourcePatternTypes.LITERAL,
        principal: 'User:replicator',
        host: '*',
        operation: operation as 4,
        permissionType: AclPermissionTypes.ALLOW,
      })),
    }),
  )

describe('a pass whose login lacks a right on the target', () => {
  it('names operation, resource and principal, lets that topic stand, and goes on with the others', async () => {
    const world = new SyncWorld()
    for (const topic of ['granted', 'refused']) world.put(topic)
    const deps = { ...world.deps, target: admin }
    await allow(TOPIC, 'west.granted', [CREATE, DESCRIBE, DESCRIBE_CONFIGS, ALTER, ALTER_CONFIGS])
    const report = passReport(await world.pass(deps))
    expect(report.steps.filter(({ outcome }) => outcome === 'failed')).toMatchObject([
      {
        topic: 'refused',
        kind: 'create',
        error: expect.stringMatching(/TOPIC_DENIED.*User:replicator lacks CREATE on Topic `west\.refused`/),
      },
    ])
    expect(report.faulted).toEqual(['refused'])
    expect([world.mappingOf('granted')?.state, world.mappingOf('refused')]).toEqual(['Enabled', undefined])
    await allow(TOPIC, 'west.refused', [CREATE, DESCRIBE, DESCRIBE_CONFIGS, ALTER, ALTER_CONFIGS])
    const inStep = async () => kindsOf(await world.pass(deps)).length === 0
    await eventually('a pass with nothing to do', inStep, { withinMs: ALLOWED_WITHIN_MS })
    expect(world.mappingOf('refused')?.state).toBe('Enabled')
  })
})

describe('a consumer group that goes back', () => {
  const group = 'twinshore.west-east.orders'
  const rewind = (offset: bigint) =>
    groups.rewind(
      group,
      'orders',
      new Map([
        [0, offset],
        [2, offset],
      ]),
      inTime(),
    )
  const client = () => kafkaClient(cluster.bootstrapServers, cluster.login)

  const positions = async (): Promise<Record<number, string>> => {
    const asked = client().admin()
    await asked.connect()
    const [orders] = await asked.fetchOffsets({ groupId: group, topics: ['orders'] })
    await asked.disconnect()
    return Object.fromEntries((orders?.partitions ?? []).map(({ partition, offset }) => [partition, offset]))
  }

  it('takes the rights that reading takes, and says which one is missing', async () => {
    await allow(TOPIC, 'orders', [CREATE, DESCRIBE])
    await admin.create([newTopic('orders', 3)], inTime())
    await expect(rewind(7n)).rejects.toMatchObject({
      code: 'GROUP_DENIED',
      message: expect.stringContaining(`User:replicator lacks READ on Group \`${group}\``),
    })
    await allow(GROUP, group, [READ])
    const denied = { code: 'TOPIC_DENIED', message: expect.stringContaining('lacks READ on Topic `orders`') }
    await eventually(
      'the right on the group to be known',
      () => rewind(7n).then(undefined, (error: { code?: string }) => error.code === 'TOPIC_DENIED'),
      { withinMs: ALLOWED_WITHIN_MS },
    )
    await expect(rewind(7n)).rejects.toMatchObject(denied)
    await allow(TOPIC, 'orders', [READ])
    const isSet = () =>
      rewind(7n).then(
        () => true,
        () => false,
      )
    await eventually('the right on the topic to be known', isSet, { withinMs: ALLOWED_WITHIN_MS })
  })

  it('stands where it was told to, and where it was in other partitions', async () => {
    await rewind(7n)
    await groups.rewind(group, 'orders', new Map([[0, 3n]]), inTime())
    expect(await positions()).toEqual({ 0: '3', 1: '-1', 2: '7' })
  })

  it('is left alone while somebody reads as that group', async () => {
    const consumer = client().consumer({ groupId: group })
    await consumer.connect()
    await consumer.subscribe({ topics: ['orders'] })
    const joined = new Promise((resolve) => void consumer.on(consumer.events.GROUP_JOIN, resolve))
    await consumer.run({ eachMessage: async () => undefined })
    await joined
    await expect(rewind(1n)).rejects.toMatchObject({ code: 'GROUP_BUSY' })
    await consumer.disconnect()
    await rewind(1n)
    expect(await positions()).toMatchObject({ 0: '1', 2: '1' })
  })

  it('is given up at the deadline when nobody answers', async () => {
    const access = {
      cluster: 'nowhere',
      bootstrapServers: ['127.0.0.1:9'],
      tls: false,
      login: { kind: 'none' as const },
    }
    const secrets = { read: () => Promise.reject(new Error('nobody logs in')) }
    const lost = new KafkaGroupPositions(access, { secrets })
    await expect(lost.rewind(group, 'orders', new Map([[0, 0n]]), inTime(500))).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
    })
    lost.close()
  })
})
