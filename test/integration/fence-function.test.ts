import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { GetParameterCommand } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createHandler } from '../../functions/fence/handler.ts'
import { LOCAL_CREDENTIALS, type LocalAws, startAws } from '../../local/aws/aws.ts'
import { clientSettings } from '../../local/aws/deployed-stack.ts'
import { createLinkTable } from '../../local/aws/link-table.ts'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { kafkaClient } from '../../local/kafka/kafka-client.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { failoverPairState } from '../../shared/adapters/dynamodb/failover-pair-state.ts'
import { failoverPending } from '../../shared/adapters/dynamodb/failover-pending.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { connectFailoverWatch } from '../../shared/adapters/failover-watch-connections.ts'
import { connectFencing, type FenceConnections } from '../../shared/adapters/fence-connections.ts'
import { createS3Client } from '../../shared/adapters/s3/s3-client.ts'
import { createSsmClient } from '../../shared/adapters/ssm/parameter-pointer.ts'
import { parseFailoverOrder } from '../../shared/config/failover-order.ts'
import { failoverOrder } from '../../shared/domain/failover/failover-order.ts'
import type { TailFigures } from '../../shared/domain/failover/stranded-tail.ts'
import { INITIAL_STATUS } from '../../shared/domain/head.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import type { FencingAction } from '../../shared/usecases/failover/fence-ports.ts'
import type { FenceReport } from '../../shared/usecases/failover/fence-report.ts'
import type { PendingReport } from '../../shared/usecases/failover/settle-pending.ts'
import { inTime } from '../support/in-time.ts'
import { openCluster } from '../support/target-cluster.ts'

const [HOME, ABROAD] = ['eu-west-1', 'us-east-2'] as const
const ACCOUNT = LOCAL_CREDENTIALS.AWS_ACCESS_KEY_ID
const PARAMETER = '/shop/active'
const ARN = 'arn:aws:states:eu-west-1:1:execution:failover:first'
const CAUSE = { pair: 'west-east', from: 'west', to: 'east', epoch: 1, execution: 'first', startedAt: 1_000 }
const context = {
  awsRequestId: 'request',
  invokedFunctionArn: `arn:aws:lambda:${HOME}:${ACCOUNT}:function:twinshore-west-east-fence`,
  getRemainingTimeInMillis: () => 55_000,
}

const clusters: { cluster: LocalCluster; close: () => Promise<void> }[] = []
const counted: TailFigures[] = []
let folder: string
let aws: LocalAws
let connections: FenceConnections
let handler: ReturnType<typeof createHandler>

const at = (region: string) => clientSettings(aws.url, region)

const keepSecret = async (name: string, content: object): Promise<void> => {
  const client = new SecretsManagerClient(at(HOME))
  await client.send(new CreateSecretCommand({ Name: name, SecretString: JSON.stringify(content) }))
  client.destroy()
}

const keepLogin = async (name: string, cluster: LocalCluster, user: 'admin' | 'application'): Promise<void> => {
  const login = cluster.loginOf(user)
  if (login.kind === 'none') throw new Error('the cluster is secure')
  await keepSecret(name, { username: login.username, password: login.password })
  if (user === 'admin') await keepSecret('west/ca', { certificate: login.ca })
}

const topologyOf = (west: LocalCluster, east: LocalCluster) =>
  defineTopology({
    clusters: {
      west: {
        kind: 'self-managed',
        region: ABROAD,
        bootstrapServers: west.bootstrapServers,
        login: { kind: 'scram-sha-512', secret: 'west/admin' },
        caSecret: 'west/ca',
      },
      east: {
        kind: 'self-managed',
        region: HOME,
        bootstrapServers: east.bootstrapServers,
        login: { kind: 'none' },
        tls: false,
        network: {
          vpcId: 'vpc-0000000a',
          availabilityZones: [`${HOME}a`],
          subnetIds: ['subnet-0000000a'],
          securityGroupIds: ['sg-0000000a'],
        },
      },
    },
    links: [{ source: 'west', target: 'east', topics: ['orders'], heartbeats: false }],
    pairs: [
      {
        clusters: ['west', 'east'],
        failover: {
          active: 'west',
          fence: {
            west: [
              {
                kind: 'acl',
                principals: ['User:application'],
                probe: { kind: 'scram-sha-512', secret: 'west/application' },
              },
              { kind: 'parameter', name: PARAMETER },
            ],
          },
          clients: { kind: 'parameter', name: PARAMETER },
          stillMs: 1_000,
        },
      },
    ],
  })

const table = (): LinkTable => new LinkTable({ client: new DynamoDBClient(at(HOME)), name: 'twinshore-west-east' })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinshore-fence-'))
  aws = await startAws({ folder })
  for (const [name, value] of Object.entries({ ...LOCAL_CREDENTIALS, AWS_ENDPOINT_URL: aws.url, AWS_REGION: HOME }))
    vi.stubEnv(name, value)
  clusters.push(await openCluster({ secure: true }), await openCluster())
  const [west, east] = clusters.map(({ cluster }) => cluster) as [LocalCluster, LocalCluster]
  for (const cluster of [west, east]) await createTopics(cluster, [{ name: 'orders', partitions: 1 }])
  await keepLogin('west/admin', west, 'admin')
  await keepLogin('west/application', west, 'application')
  await createLinkTable(new DynamoDBClient(at(HOME)), 'twinshore-west-east')
  const s3 = createS3Client({ ...at(HOME), forcePathStyle: true })
  await s3.send(new CreateBucketCommand({ Bucket: `twinshore-west-east-failover-${ACCOUNT}` }))
  const topology = topologyOf(west, east)
  const [link] = topology.links
  if (link === undefined) throw new Error('the topology has a link')
  const order = parseFailoverOrder(JSON.stringify(failoverOrder(link, topology)))
  const turnBack = async () => ({ outcome: 'done' as const, message: 'no link leads back' })
  handler = createHandler({
    connect: (place) => {
      connections = connectFencing(order, place, { turnBack, counted: (figures) => void counted.push(figures) })
      return { ...connections, watch: connectFailoverWatch(order.forward) }
    },
    tell: () => undefined,
    gauge: () => undefined,
  })
})
afterAll(async () => {
  connections?.close()
  vi.unstubAllEnvs()
  await Promise.all(clusters.map(({ close }) => close()))
  await aws?.stop()
  await rm(folder, { recursive: true, force: true })
})

const ask = async (action: FencingAction) =>
  (await handler({ action, cause: CAUSE, withinMs: 30_000 }, context)) as FenceReport

const pointer = async (region: string): Promise<unknown> => {
  const { Parameter: found } = await createSsmClient(at(region)).send(new GetParameterCommand({ Name: PARAMETER }))
  return JSON.parse(found?.Value ?? '')
}

describe('the function of the fence, between two clusters and two regions', () => {
  it('fences by everything that the topology names, and proves it', async () => {
    expect(await ask('fence')).toMatchObject({ outcome: 'done', message: expect.stringContaining('1 denials made') })
    await expect
      .poll(() => ask('prove'), { timeout: 30_000 })
      .toMatchObject({
        outcome: 'done',
        message: expect.stringContaining('all brokers refuse writes of User:application to 1 topics'),
        weaker: ['a pointer binds only clients that follow it of their own will'],
      })
    for (const region of [HOME, ABROAD])
      expect(await pointer(region)).toMatchObject({ cluster: 'west', mayWrite: false })
  })

  it('lifts what it has made', async () => {
    expect(await ask('lift')).toMatchObject({
      outcome: 'done',
      message: expect.stringContaining('1 denials taken away'),
    })
    expect(await pointer(ABROAD)).toMatchObject({ cluster: 'west', mayWrite: true })
    await expect.poll(() => ask('prove'), { timeout: 30_000 }).toMatchObject({ outcome: 'again' })
  })

  it('points clients of both regions to the new active cluster, and has nothing to open there', async () => {
    const later = { ...CAUSE, execution: 'second', startedAt: 2_000 }
    const report = (await handler({ action: 'switch', cause: later, withinMs: 30_000 }, context)) as FenceReport
    expect(report).toMatchObject({ outcome: 'done', unheard: [] })
    for (const region of [HOME, ABROAD])
      expect(await pointer(region)).toMatchObject({ cluster: 'east', mayWrite: true })
    expect(await ask('open')).toMatchObject({ outcome: 'done' })
  })

  it('settles by schedule what a failover owes the old cluster: the fence, clients, and the tail', async () => {
    const west = clusters[0]?.cluster as LocalCluster
    const producer = kafkaClient(west.bootstrapServers, west.login).producer()
    await producer.connect()
    await producer.send({ topic: 'orders', messages: ['one', 'two'].map((value) => ({ value })) })
    await producer.disconnect()
    const pair = failoverPairState(table(), INITIAL_STATUS)
    const holder = { by: ARN, purpose: 'failover', phase: 'acting', since: 1_000 } as const
    await pair.acquire({ holder, epoch: 1, from: { reserved: 0 } }, inTime())
    const debts = { execution: 'second', epoch: 1, tail: 'export', since: 2_000 } as const
    const owed = ['fence', 'roles', 'clients', 'tail', 'reverse'] as const
    expect(await failoverPending(table()).owe(ARN, { ...debts, owed }, inTime())).toBe('owed')
    const promoted = { mode: 'stopped', role: 'active', epoch: 1 } as const
    await pair.setStatus({ by: ARN, phase: 'acting' }, INITIAL_STATUS, promoted, inTime())

    const passes: PendingReport[] = []
    const pass = async () => {
      passes.push((await handler({}, context)) as PendingReport)
      return await failoverPending(table()).pending(inTime())
    }
    await expect.poll(pass, { timeout: 60_000 }).toBeUndefined()
    expect(counted.at(-1)).toMatchObject({ partitions: 1, records: 2n })
    const listing = new ListObjectsV2Command({ Bucket: `twinshore-west-east-failover-${ACCOUNT}` })
    const { Contents = [] } = await createS3Client({ ...at(HOME), forcePathStyle: true }).send(listing)
    expect(Contents.map(({ Key }) => Key)).toEqual([
      expect.stringMatching(/^tails\/second\/orders\/0000000000\/.*\.ndjson\.gz$/),
    ])
    expect(passes.flatMap(({ debts: all }) => all).find(({ debt }) => debt === 'tail')).toBeDefined()
    expect(await ask('prove')).toMatchObject({ outcome: 'done' })
  })
})
