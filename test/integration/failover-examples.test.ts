import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateRoleCommand, IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam'
import { type InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as fencing from '../../examples/deny-kafka-writes.ts'
import * as pointing from '../../examples/point-clients.ts'
import { PointedClient } from '../../examples/pointed-client.ts'
import { type LocalAws, startAws } from '../../local/aws/aws.ts'
import { clientSettings } from '../../local/aws/deployed-stack.ts'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { createTopics, kafkaClient } from '../../local/kafka/kafka-client.ts'
import { freePort } from '../../local/machine/free-port.ts'
import { userFunction } from '../../shared/adapters/lambda/user-function.ts'
import { createSsmClient, parameterPointer } from '../../shared/adapters/ssm/parameter-pointer.ts'
import type { FailoverCluster } from '../../shared/domain/failover/failover-order.ts'
import type { FenceCause } from '../../shared/domain/failover/fence-cause.ts'
import { pointerFence, pointerSwitch } from '../../shared/usecases/failover/pointer-fence.ts'
import { userFence, userSwitch } from '../../shared/usecases/failover/user-fence.ts'
import { inTime } from '../support/in-time.ts'
import { openCluster, readValues } from '../support/target-cluster.ts'

const REGION = 'eu-west-1'
const CAUSE: FenceCause = { pair: 'orders', from: 'use2', to: 'euc1', epoch: 1, execution: 'first', startedAt: 1_000 }
const BACK: FenceCause = { ...CAUSE, from: 'euc1', to: 'use2', epoch: 2, execution: 'second', startedAt: 2_000 }

let folder: string
let aws: LocalAws
let ssm: SSMClient
let iam: IAMClient

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinshore-examples-'))
  aws = await startAws({ folder })
  ssm = createSsmClient(clientSettings(aws.url, REGION))
  iam = new IAMClient(clientSettings(aws.url, REGION))
})
afterAll(async () => {
  ssm?.destroy()
  iam?.destroy()
  await aws?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A function as Lambda would run it, asked by the adapter that asks those that are deployed. */
const deployed = (handler: (event: never) => Promise<unknown>) =>
  userFunction('hook', REGION, () => {
    const client = new LambdaClient({ region: REGION })
    client.send = (async ({ input }: InvokeCommand) => ({
      Payload: Buffer.from(JSON.stringify(await handler(JSON.parse(String(input.Payload)) as never))),
    })) as never
    return client
  })

describe('the function that fences by IAM', () => {
  const ROLES = ['shop', 'billing']
  const TOPICS = ['arn:aws:kafka:us-east-2:111122223333:topic/orders/2b9d4f60-7/*']
  let now = 1_000_000
  const fence = () =>
    userFence(deployed(fencing.createHandler({ use2: { roles: ROLES, topics: TOPICS } }, iam, () => now)))

  beforeAll(async () => {
    for (const role of ROLES)
      await iam.send(new CreateRoleCommand({ RoleName: role, AssumeRolePolicyDocument: '{"Version":"2012-10-17"}' }))
  })

  const policies = async () =>
    (await Promise.all(ROLES.map((RoleName) => iam.send(new ListRolePoliciesCommand({ RoleName }))))).flatMap(
      ({ PolicyNames = [] }) => PolicyNames,
    )

  it('takes the right to write away once, however often and by however many it is asked', async () => {
    await Promise.all([fence().apply(CAUSE, inTime()), fence().apply(CAUSE, inTime())])
    now += 30_000
    expect(await fence().apply(CAUSE, inTime())).toMatchObject({ outcome: 'done' })
    expect(await policies()).toEqual(['twinshore-fence-use2', 'twinshore-fence-use2'])
  })

  it('has proved it when IAM has had its time, counted from the first call', async () => {
    expect(await fence().prove(CAUSE, [], inTime())).toMatchObject({ outcome: 'again' })
    now += 30_000
    expect(await fence().prove(CAUSE, [], inTime())).toMatchObject({ outcome: 'done' })
  })

  it('gives it back, also when it is asked once more, and in another failover', async () => {
    expect(await fence().lift({ ...CAUSE, execution: 'later' }, inTime())).toMatchObject({ outcome: 'done' })
    expect(await fence().lift(CAUSE, inTime())).toMatchObject({ outcome: 'done' })
    expect(await policies()).toEqual([])
    expect(await fence().prove(CAUSE, [], inTime())).toMatchObject({ outcome: 'again' })
  })

  it('says that the region is gone when IAM does not answer, and fails when it answers no', async () => {
    const silent = new IAMClient(clientSettings(`http://127.0.0.1:${await freePort()}`, REGION))
    const settings = { use2: { roles: ROLES, topics: TOPICS } }
    const asking = userFence(deployed(fencing.createHandler(settings, silent))).apply(CAUSE, inTime())
    await expect(asking).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
    silent.destroy()
    const unknown = fencing.createHandler({ use2: { roles: ['nobody'], topics: TOPICS } }, iam)
    await expect(unknown({ action: 'fence', ...CAUSE })).rejects.toThrow()
  })

  it('is not done for a cluster that it does not know', async () => {
    expect(await fence().apply(BACK, inTime())).toMatchObject({ outcome: 'again' })
  })
})

describe('the function that points clients', () => {
  const OPTIONS = { parameter: '/orders/bootstrap-servers', bootstrapServers: { use2: 'b-1.use2', euc1: 'b-1.euc1' } }
  const clients = () => userSwitch(deployed(pointing.createHandler(OPTIONS, ssm)))

  const there = async (): Promise<unknown> =>
    JSON.parse((await ssm.send(new GetParameterCommand({ Name: OPTIONS.parameter }))).Parameter?.Value ?? '')
      .bootstrapServers

  it('moves them, once more is nothing more, and a call of the past moves nobody back', async () => {
    for (const _ of ['once', 'twice']) expect(await clients().point(CAUSE, inTime())).toMatchObject({ outcome: 'done' })
    expect(await there()).toBe('b-1.euc1')
    expect(await clients().point(BACK, inTime())).toMatchObject({ outcome: 'done' })
    expect(await clients().point(CAUSE, inTime())).toMatchObject({ outcome: 'again' })
    expect(await there()).toBe('b-1.use2')
  })
})

describe('a client that follows the pointer', () => {
  const opened: Awaited<ReturnType<typeof openCluster>>[] = []
  const TOPIC = 'orders'
  const GROUP = 'billing'

  beforeAll(async () => {
    opened.push(await openCluster(), await openCluster())
    for (const { cluster } of opened) await createTopics(cluster, [TOPIC], 1)
  })
  afterAll(() => Promise.all(opened.map(({ close }) => close())))

  const clusterOf = (name: string, { bootstrapServers }: LocalCluster): FailoverCluster => ({
    cluster: name,
    region: REGION,
    access: { cluster: name, bootstrapServers, tls: false, login: { kind: 'none' } },
  })

  /** What replication does to the records, and a failover to the group. */
  const carryOver = async (from: LocalCluster, to: LocalCluster, records: number): Promise<void> => {
    const producer = kafkaClient(to.bootstrapServers, to.login).producer()
    const admins = [from, to].map(({ bootstrapServers, login }) => kafkaClient(bootstrapServers, login).admin())
    await Promise.all([producer, ...admins].map((one) => one.connect()))
    const values = (await readValues(from, TOPIC, 0)).slice(0, records)
    await producer.send({ topic: TOPIC, messages: values.map((value) => ({ value })) })
    const [source, target] = admins
    const [{ partitions = [] } = {}] = (await source?.fetchOffsets({ groupId: GROUP, topics: [TOPIC] })) ?? []
    await target?.setOffsets({
      groupId: GROUP,
      topic: TOPIC,
      partitions: partitions.map(({ partition, offset }) => ({ partition, offset })),
    })
    await Promise.all([producer, ...admins].map((one) => one.disconnect()))
  }

  it('leaves when nobody may write, and goes on at the other cluster with the next record', async () => {
    const [west, east] = opened.map(({ cluster }) => cluster) as [LocalCluster, LocalCluster]
    const [from, to] = [clusterOf('use2', west), clusterOf('euc1', east)]
    const place = parameterPointer(ssm, '/orders/active-kafka', REGION)
    const seen: string[] = []
    const troubles: unknown[] = []
    const client = new PointedClient({
      ssm,
      parameter: '/orders/active-kafka',
      initially: { cluster: 'use2', bootstrapServers: west.bootstrapServers, mayWrite: true, epoch: 0 },
      connect: (bootstrapServers) => kafkaClient(bootstrapServers, { kind: 'none' }),
      group: GROUP,
      topic: TOPIC,
      onMessage: async ({ message }) => void seen.push(message.value?.toString() ?? ''),
      onTrouble: (error) => void troubles.push(error),
      everyMs: 100,
    })
    await expect.poll(() => client.cluster, { timeout: 30_000 }).toBe('use2')
    for (const value of ['a', 'b', 'c']) expect(await client.send([{ value }])).toBe(true)
    await expect.poll(() => seen, { timeout: 30_000 }).toEqual(['a', 'b', 'c'])

    await pointerFence({ places: [place], from }).apply(CAUSE, inTime())
    await expect.poll(() => client.cluster, { timeout: 30_000 }).toBeUndefined()
    expect(await client.send([{ value: 'd' }])).toBe(false)
    await carryOver(west, east, 3)
    await pointerSwitch(place, to).point(CAUSE, inTime())

    await expect.poll(() => client.cluster, { timeout: 30_000 }).toBe('euc1')
    expect(await client.send([{ value: 'd' }])).toBe(true)
    await expect.poll(() => seen, { timeout: 30_000 }).toEqual(['a', 'b', 'c', 'd'])
    await pointerFence({ places: [place], from }).lift({ ...CAUSE, startedAt: 0 }, inTime()) // late
    await client.stop()
    expect(troubles).toEqual([])
    expect([await readValues(west, TOPIC, 0), await readValues(east, TOPIC, 0)]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c', 'd'],
    ])
  })
})
