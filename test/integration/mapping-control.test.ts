import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LocalAws } from '../../local/aws/aws.ts'
import { destroy } from '../../local/aws/deploy.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { startWorld, type World } from '../../local/world/world.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import type { MappingControl } from '../../shared/usecases/topics/topic-ports.ts'
import { inTime } from '../support/in-time.ts'
import { controlOf } from '../support/mapping-gateway.ts'
import { recordsIn, writeRecords } from '../support/world-records.ts'

const cluster = (region: string, bootstrapServers: readonly string[]) =>
  ({ kind: 'self-managed', region, bootstrapServers, login: { kind: 'none' }, tls: false }) as const

const network = {
  vpcId: 'vpc-0fedcba9876543210',
  availabilityZones: ['eu-west-1a'],
  subnetIds: ['subnet-0fedcba9876543210'],
  securityGroupIds: ['sg-0fedcba9876543210'],
}

/** The link that the world has deployed, as far as its mappings go. */
const linkOf = ({ source, target }: World): Link => {
  const [link] = defineTopology({
    clusters: {
      west: cluster('us-west-2', source.bootstrapServers),
      east: { ...cluster('eu-west-1', target.bootstrapServers), network },
    },
    links: [{ source: 'west', target: 'east', topics: ['orders'], heartbeats: false }],
  }).links
  if (link === undefined) throw new Error('the topology has a link')
  return link
}

describe('a mapping made at run time in a local world', () => {
  let folder: string
  let world: World
  let aws: LocalAws
  let control: MappingControl
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'twinshore-mappings-'))
    world = await startWorld({ folder, link: { syncTopics: false } }) // nobody else makes mappings
    if (world.aws === undefined) throw new Error('the world has an AWS')
    aws = world.aws
    control = controlOf(linkOf(world), aws.url)
    for (const side of [world.source, world.target])
      await createTopics(
        side,
        ['found', 'also-found'].map((name) => ({ name, partitions: 1 })),
      )
  })
  afterAll(async () => {
    await world?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const stateOf = async (topic: string): Promise<string | undefined> =>
    (await control.list(inTime())).find((mapping) => mapping.topic === topic)?.state
  const idOf = async (topic: string): Promise<string> =>
    (await control.list(inTime())).find((mapping) => mapping.topic === topic)?.id ?? ''
  const become = (topic: string, state: string | undefined) =>
    eventually(`${topic} to be ${state}`, async () => (await stateOf(topic)) === state, { withinMs: 30_000 })
  const onTarget = (topic: string, count: number) =>
    eventually(
      `${count} records of ${topic} on the target`,
      async () => (await recordsIn(world.target, topic)) === count,
      {
        withinMs: 60_000,
      },
    )

  it('is polled like one of the stack', async () => {
    await writeRecords(world.source, 'found', 3)
    const { id } = await control.create('found', { enabled: true }, inTime())
    await onTarget('found', 3)
    expect(world.pollers?.get(id)).toBeDefined()
    expect((await control.list(inTime())).map(({ topic, madeBy }) => [topic, madeBy])).toEqual([
      ['orders', 'stack'],
      ['found', 'run-time'],
    ])
  })

  it('is polled no more while it is disabled, and goes on when it is enabled', async () => {
    const id = await idOf('found')
    await control.enable(id, false, inTime())
    await become('found', 'Disabled')
    expect(world.pollers?.get(id)).toBeUndefined()
    await writeRecords(world.source, 'found', 2)
    expect(await recordsIn(world.target, 'found')).toBe(3)
    await control.enable(id, true, inTime())
    await onTarget('found', 5)
  })

  it('is polled no more when it is removed, and goes on where it was when it is made again', async () => {
    const id = await idOf('found')
    expect(await control.remove(id, inTime())).toBe('removed')
    await become('found', undefined)
    expect(world.pollers?.get(id)).toBeUndefined()
    await writeRecords(world.source, 'found', 4)
    await control.create('found', { enabled: true }, inTime())
    await onTarget('found', 9)
  })

  it('goes with the stack, and the others with CloudFormation', async () => {
    await control.create('also-found', { enabled: true }, inTime())
    await aws.gateway.mappings.settled()
    const stack = await idOf('orders')
    await destroy({
      endpoint: aws.url,
      home: join(folder, 'cdk-home'),
      assembly: join(folder, 'cdk.out'),
      env: {},
      logFile: join(folder, 'cdk-destroy.log'),
    })
    expect(aws.gateway.mappings.list().map(({ uuid }) => uuid)).toEqual([stack])
    await aws.gateway.deployed.become([])
    expect(aws.gateway.mappings.list()).toEqual([])
  })
})
