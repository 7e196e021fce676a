import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createHandler } from '../../functions/sync-access/handler.ts'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { kafkaClient } from '../../local/kafka/kafka-client.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { connectAccess, connectAccessSync } from '../../shared/adapters/access-sync-connections.ts'
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { topicLedger } from '../../shared/adapters/dynamodb/topic-ledger.ts'
import { accessOrder } from '../../shared/domain/access/access-order.ts'
import { type AclBinding, bindingText } from '../../shared/domain/access/acl-binding.ts'
import type { OwnRight } from '../../shared/domain/access/own-right.ts'
import type { AccessLedger } from '../../shared/usecases/access/access-ports.ts'
import type { AccessReport } from '../../shared/usecases/access/access-report.ts'
import type { AccessAdmin } from '../../shared/usecases/access/survey-access.ts'
import { accessAs } from '../support/access-login.ts'
import { acl } from '../support/acl-bindings.ts'
import { inTime } from '../support/in-time.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigLink } from '../support/rig-link.ts'
import { RIG_ACCOUNT, RIG_CREDENTIALS, RIG_REGION } from '../support/rig-topology.ts'
import { readValues } from '../support/target-cluster.ts'

const SHOWN_WITHIN_MS = 30_000
const TOPICS = ['orders', 'shop.open', 'shop.secret'] as const

/** On the target, before any pass and after all of them. */
const SOMEBODY_ELSES: readonly AclBinding[] = [
  acl('User:application', 'describe', 'topic', 'source.orders'),
  acl('User:auditor', 'read', 'topic', '*'),
  acl('User:application', 'write', 'topic', 'own', { permission: 'deny' }),
]

let rig: Rig
let link: RigLink
let handler: ReturnType<typeof createHandler>
let registry: AccessLedger
let onSource: AccessAdmin
let onTarget: AccessAdmin
const connections: { close(): void }[] = []

const connect = (cluster: LocalCluster, user: 'admin' | 'replicator', side: 'source' | 'target'): AccessAdmin => {
  const { access, secrets } = accessAs(cluster, user)
  const admin = connectAccess(access, { secrets, side })
  connections.push(admin)
  return admin
}

/** What a role for rights takes, besides replication. */
const grantAccessSync = async (): Promise<void> => {
  const onCluster = (operation: AclBinding['operation']) =>
    acl('User:replicator', operation, 'cluster', 'kafka-cluster')
  await onSource.acls.create([onCluster('describe'), onCluster('describe-configs')], inTime())
  const changing = [
    onCluster('describe'),
    onCluster('describe-configs'),
    onCluster('alter'),
    onCluster('alter-configs'),
  ]
  await onTarget.acls.create([...changing, ...SOMEBODY_ELSES], inTime())
}

const makeReplicas = async (ledger: ReturnType<typeof topicLedger>): Promise<void> => {
  for (const topic of TOPICS) {
    const targetTopic = `source.${topic}`
    const record = { incarnation: 'AAAAAAAAAAAAAAAAAAAAAA', targetTopic, paused: false, restarting: false }
    await ledger.remember(topic, undefined, record, inTime())
    await rig.target.createTopic(targetTopic)
    await withProducer('admin', targetTopic, `what is in ${topic}`)
  }
}

beforeAll(async () => {
  rig = await startRig('access', { secure: true })
  const principals = { 'User:application': 'User:application', 'User:replicator': 'User:stranger' }
  link = await rig.link({ naming: 'prefix', topics: TOPICS, access: { principals, quotas: true } })
  onSource = connect(rig.source.cluster, 'admin', 'source')
  onTarget = connect(rig.target.cluster, 'admin', 'target')
  const { endpoint } = rig.dynamoDb
  const client = createDynamoDbClient({ endpoint, region: RIG_REGION, credentials: RIG_CREDENTIALS })
  const table = new LinkTable({ client, name: link.config.table.name })
  for (const [name, value] of Object.entries(link.environment)) vi.stubEnv(name, value)
  const place = { partition: 'aws', region: RIG_REGION, account: RIG_ACCOUNT }
  const connected = connectAccessSync(accessOrder(link.link, { links: [link.link], pairs: [] }), place)
  connections.push(connected)
  registry = connected.registry
  handler = createHandler({ connect: () => connected, tell: () => undefined })
  await grantAccessSync()
  await makeReplicas(topicLedger(table))
})
afterAll(async () => {
  for (const connection of connections) connection.close()
  vi.unstubAllEnvs()
  await rig?.stop()
})

const context = {
  awsRequestId: 'request',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:sync-access',
  getRemainingTimeInMillis: () => 30_000,
}

/** As the schedule invokes the function. */
const pass = (): Promise<AccessReport> => handler(undefined, context)

/** Both clusters show a change a moment after it was made, so passes go on until it is there. */
const passUntil = (what: string, isSo: (report: AccessReport) => Promise<boolean> | boolean): Promise<AccessReport> =>
  eventually(
    what,
    async () => {
      const report = await pass()
      expect(report.faulted).toEqual([])
      return (await isSo(report)) && report
    },
    { withinMs: SHOWN_WITHIN_MS },
  )

const withProducer = async (user: 'admin' | 'application', topic: string, value: string): Promise<void> => {
  const { cluster } = rig.target
  const producer = kafkaClient(cluster.bootstrapServers, cluster.loginOf(user), { retry: { retries: 0 } }).producer()
  await producer.connect()
  try {
    await producer.send({ topic, messages: [{ value }] })
  } finally {
    await producer.disconnect()
  }
}

/** With its own login, on the target. */
const mayWrite = (topic: string): Promise<boolean> =>
  withProducer('application', topic, 'of the application').then(
    () => true,
    () => false,
  )

const mayRead = async (topic: string): Promise<boolean> => {
  const { cluster } = rig.target
  const access = { bootstrapServers: cluster.bootstrapServers, login: cluster.loginOf('application') }
  try {
    return (await readValues(access, topic, 0)).length > 0
  } catch {
    return false // denied; asked again until the deadline
  }
}

const readsAsGroup = async (topic: string, groupId: string): Promise<string | undefined> => {
  const { cluster } = rig.target
  const consumer = kafkaClient(cluster.bootstrapServers, cluster.loginOf('application')).consumer({ groupId })
  await consumer.connect()
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    const first = Promise.withResolvers<string | undefined>()
    await consumer.run({ eachMessage: async ({ message }) => first.resolve(message.value?.toString()) })
    return await first.promise
  } finally {
    await consumer.disconnect()
  }
}

const readsOrders = acl('User:application', 'read', 'topic', 'orders')
const asGroup = acl('User:application', 'read', 'group', 'shop')

describe('an application that moves to the target with its own login', () => {
  it('may do nothing there before a pass', async () => {
    expect([await mayRead('source.orders'), await mayWrite('source.orders')]).toEqual([false, false])
  })

  it('reads its replica as its group, once it may on the source', async () => {
    await onSource.acls.create([readsOrders, asGroup], inTime())
    const planned = async () => {
      const { granted } = await handler({ mode: 'plan' }, context)
      const ofApplication = granted.filter(({ principal }) => principal === 'User:application')
      return ofApplication.map(({ what, outcome }) => `${what}: ${outcome}`).sort()
    }
    await expect
      .poll(planned, { timeout: SHOWN_WITHIN_MS })
      .toEqual([
        'User:application: ALLOW READ on group shop: planned',
        'User:application: ALLOW READ on topic source.orders: planned',
      ])
    expect([await registry.entries(inTime()), await mayRead('source.orders')]).toEqual([[], false])
    await passUntil('the application to read', () => mayRead('source.orders'))
    expect(await readsAsGroup('source.orders', 'shop')).toBe('what is in orders')
  })

  it('reads it no more, once it may no more', async () => {
    await onSource.acls.remove([readsOrders], inTime())
    await passUntil('the right to go', async () => !(await mayRead('source.orders')))
  })

  it('reads what begins with a prefix, but for what is denied to everybody', async () => {
    const pattern = 'prefixed' as const
    await onSource.acls.create(
      [
        acl('User:*', 'read', 'topic', 'shop.secret', { permission: 'deny' }),
        acl('User:application', 'read', 'topic', 'shop.', { pattern }),
      ],
      inTime(),
    )
    await passUntil('the application to read', () => mayRead('source.shop.open'))
    expect(await mayRead('source.shop.secret')).toBe(false)
    const list = await onTarget.acls.list(inTime())
    const denials = list.kind === 'listed' ? list.bindings.filter(({ name }) => name === 'source.shop.secret') : []
    expect(denials.map(({ principal }) => principal).sort()).toEqual(['User:application', 'User:stranger'])
  })

  it('writes only after the promotion, and no more after a demotion', async () => {
    await onSource.acls.create([acl('User:application', 'all', 'topic', 'orders')], inTime())
    const { held } = await passUntil('the application to read', () => mayRead('source.orders'))
    expect(held).toMatchObject([{ principal: 'User:application', meanwhile: ['READ', 'DESCRIBE', 'DESCRIBE_CONFIGS'] }])
    expect(await mayWrite('source.orders')).toBe(false)
    const standby = { mode: 'forwarding', role: 'standby', epoch: 0 } as const
    const active = { ...standby, role: 'active', epoch: 1 } as const
    expect(await link.state.setStatus(standby, active, inTime())).toBe('changed')
    await passUntil('the application to write', () => mayWrite('source.orders'))
    expect(await link.state.setStatus(active, { ...standby, epoch: 2 }, inTime())).toBe('changed')
    await passUntil('the application to write no more', async () => !(await mayWrite('source.orders')))
    expect(await mayRead('source.orders')).toBe(true)
  })

  it('has the quotas that it has on the source', async () => {
    const quota = { user: 'application', key: 'consumer_byte_rate' }
    const listed = async () => (await onTarget.quotas.list(inTime())).quotas
    await onSource.quotas.alter([{ ...quota, value: 5_000_000 }], inTime())
    await passUntil('the quota', async () => (await listed()).some(({ value }) => value === 5_000_000))
    await onSource.quotas.alter([quota], inTime())
    await passUntil('the quota to go', async () => (await listed()).length === 0)
  })

  it('is told which passwords somebody has to make, and where', async () => {
    const { notCopyable } = await pass()
    expect(notCopyable).toMatchObject([{ what: 'User:stranger', because: 'password' }])
  })
})

describe('ACLs of somebody else on the target', () => {
  it('survive all of it, and so does nothing of ours when the source has nothing left but its own', async () => {
    const own = await onSource.acls.list(inTime())
    const ofApplication = own.kind === 'listed' ? own.bindings.filter(({ resource }) => resource !== 'cluster') : []
    const followed = ofApplication.filter(({ principal }) => principal !== 'User:replicator')
    await onSource.acls.remove(followed, inTime())
    const isEmpty = async () => (await registry.entries(inTime())).every(({ right }) => isStrangers(right))
    await passUntil('everything to be taken away', isEmpty)
    const list = await onTarget.acls.list(inTime())
    const texts = list.kind === 'listed' ? list.bindings.map(bindingText) : []
    expect(texts).toEqual(expect.arrayContaining(SOMEBODY_ELSES.map(bindingText)))
    expect(texts.filter((text) => text.includes('User:application'))).toHaveLength(2)
  })
})

/** The replicator of the source keeps its rights there all the time, and is called stranger on the target. */
const isStrangers = (right: OwnRight): boolean => right.kind === 'acl' && right.binding.principal === 'User:stranger'
