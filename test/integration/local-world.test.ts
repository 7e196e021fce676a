import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import {
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda'
import type { Kafka } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientSettings } from '../../local/aws/deployed-stack.ts'
import { kafkaClient } from '../../local/kafka/kafka-client.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { runProcess } from '../../local/machine/owned-process.ts'
import { worldFolder } from '../../local/world/kept-world.ts'
import type { WorldDescription } from '../../local/world/world-description.ts'

const MAIN = join(import.meta.dirname, '../../local/main.ts')
const newName = (): string => `test-${randomBytes(4).toString('hex')}`

const startMain = (...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })

const runMain = async (...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> => {
  const main = startMain(...args)
  const code = new Promise<number | null>((resolve) => main.once('exit', resolve))
  const [out, err] = await Promise.all([main.stdout, main.stderr].map((stream) => (stream ? text(stream) : '')))
  return { code: await code, out: out ?? '', err: err ?? '' }
}

/** Commands of running processes that have to do with a world. */
const processesOf = async (name: string): Promise<string[]> =>
  (await runProcess('ps', ['-A', '-o', 'args='])).split('\n').filter((command) => command.includes(worldFolder(name)))

const untilNothingRuns = (name: string): Promise<true> =>
  eventually(`nothing of ${name} to run`, async () => (await processesOf(name)).length === 0, { withinMs: 30_000 })

describe('a secure world that stays up', () => {
  const name = newName()
  let world: WorldDescription
  let lambda: LambdaClient
  beforeAll(async () => {
    const { code, out, err } = await runMain('--json', '--secure', '--name', name)
    expect(code, err).toBe(0)
    world = JSON.parse(out)
    lambda = new LambdaClient(clientSettings(world.awsEndpoint, 'eu-west-1'))
  })
  afterAll(async () => {
    lambda?.destroy()
    await runMain('down', '--name', name)
  })

  const clientOf = (side: 'source' | 'target'): Kafka => {
    const { bootstrapServers = [], login } = world.clusters.find((cluster) => cluster.side === side) ?? {}
    if (login === undefined) throw new Error(`the ${side} of a secure world has no login`)
    const { password, caFile } = login
    const ca = readFileSync(caFile, 'utf8')
    return kafkaClient(bootstrapServers, { kind: 'scram-sha-512', username: 'admin', password, ca })
  }

  const append = async (...values: readonly string[]): Promise<void> => {
    const producer = clientOf('source').producer()
    await producer.connect()
    await producer.send({ topic: 'orders', messages: values.map((value) => ({ key: value, value })) })
    await producer.disconnect()
  }

  const recordsOnTarget = async (): Promise<number> => {
    const admin = clientOf('target').admin()
    await admin.connect()
    const offsets = await admin.fetchTopicOffsets('orders')
    await admin.disconnect()
    return offsets.reduce((sum, { offset }) => sum + Number(offset), 0)
  }

  const untilOnTarget = (count: number): Promise<true> =>
    eventually(`${count} records on the target`, async () => (await recordsOnTarget()) === count, { withinMs: 60_000 })

  it('says where everything is', () => {
    expect(world).toMatchObject({
      name,
      clusters: [{ side: 'source' }, { side: 'target' }],
      links: [{ name: 'west-east', topics: ['orders'] }],
      tables: [{ name: 'twinshore-west-east', region: 'eu-west-1' }],
      functions: [
        { name: 'twinshore-west-east-remove-mappings', region: 'eu-west-1' },
        { name: 'twinshore-west-east-replicate', region: 'eu-west-1' },
        { name: 'twinshore-west-east-sync-groups', region: 'eu-west-1' },
        { name: 'twinshore-west-east-sync-topics', region: 'eu-west-1' },
        { name: 'twinshore-west-east-measure-lag', region: 'eu-west-1' },
        { name: 'twinshore-west-east-verify', region: 'eu-west-1' },
      ],
    })
  })

  it('replicates what any client writes to the source, and remembers it', async () => {
    await append('a', 'b', 'c')
    await untilOnTarget(3)
    const dynamo = new DynamoDBClient(clientSettings(world.awsEndpoint, 'eu-west-1'))
    const { Count } = await dynamo.send(new ScanCommand({ TableName: 'twinshore-west-east' }))
    dynamo.destroy()
    expect(Count).toBeGreaterThan(0)
  })

  it('does not read the source while its mapping is disabled, and goes on when it is enabled', async () => {
    const { EventSourceMappings: [mapping] = [] } = await lambda.send(new ListEventSourceMappingsCommand({}))
    const UUID = mapping?.UUID ?? ''
    const become = async (Enabled: boolean, state: string): Promise<void> => {
      await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }))
      const isThere = async () => (await lambda.send(new GetEventSourceMappingCommand({ UUID }))).State === state
      await eventually(`the mapping to be ${state}`, isThere, { withinMs: 30_000 })
    }
    await become(false, 'Disabled')
    await append('d', 'e')
    expect(await recordsOnTarget()).toBe(3)
    await become(true, 'Enabled')
    await untilOnTarget(5)
  })

  it('is told again when it is up already', async () => {
    const { out, err } = await runMain('--json', '--name', name)
    expect(JSON.parse(out)).toEqual(world)
    expect(err).toBe('')
  })

  it('is gone after down, with its data and all processes', async () => {
    expect(await processesOf(name)).not.toEqual([])
    expect(await runMain('down', '--name', name)).toMatchObject({ code: 0, err: `${name} is removed\n` })
    await untilNothingRuns(name)
    expect(existsSync(worldFolder(name))).toBe(false)
  })
})

describe('npm run local', () => {
  it.each(['SIGINT', 'SIGKILL'] as const)(
    'leaves nothing running when it ends by %s while the world starts',
    async (signal) => {
      const name = newName()
      const main = startMain('--name', name)
      const brokerRuns = async () => (await processesOf(name)).some((command) => command.includes('kafka.Kafka'))
      await eventually('a broker to start', brokerRuns, { withinMs: 60_000 })
      main.kill(signal)
      await untilNothingRuns(name)
      await runMain('down', '--name', name)
      expect(existsSync(worldFolder(name))).toBe(false)
    },
  )

  it.each([
    [['--brokers', '2'], '1 or 3'],
    [['--aws-endpoint', 'https://lambda.eu-west-1.amazonaws.com'], 'AWS itself'],
    [['--aws-endpoint', 'localhost'], 'not a URL'],
    [['--name', '../x'], 'a name is'],
    [['sideways'], 'not a command'],
    [['--nonsense'], "Unknown option '--nonsense'"],
  ])('refuses %j in one line', async (args, why) => {
    const { code, err } = await runMain(...args)
    expect(code).toBe(2)
    expect(err).toContain(why)
    expect(err.trim().split('\n')).toHaveLength(1)
  })
})
