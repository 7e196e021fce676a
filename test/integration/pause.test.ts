import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LOCAL_CREDENTIALS } from '../../local/aws/aws.ts'
import { createTopics } from '../../local/kafka/local-topics.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { startWorld, type World } from '../../local/world/world.ts'
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts'
import { linkControl } from '../../shared/adapters/dynamodb/link-control.ts'
import { linkState } from '../../shared/adapters/dynamodb/link-state.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import type { LinkStatus } from '../../shared/domain/head.ts'
import { inTime } from '../support/in-time.ts'
import { recordsIn, writeRecords } from '../support/world-records.ts'

const CLI = join(import.meta.dirname, '../../cli/twinshore.ts')
const TOPICS = ['orders', 'payments']

describe('pause and resume', () => {
  let folder: string
  let world: World
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'twinshore-pause-'))
    const delays = { createMs: 200, changeMs: 700, deleteMs: 100 }
    world = await startWorld({ folder, topics: TOPICS, delays, link: { syncTopics: false } }) // nobody else makes topics
    for (const side of [world.source, world.target])
      await createTopics(
        side,
        TOPICS.map((name) => ({ name, partitions: 2 })),
      )
  })
  afterAll(async () => {
    await world?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const twinshore = (...args: readonly string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, ...LOCAL_CREDENTIALS, AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: world.aws?.url }
      execFile(process.execPath, [CLI, ...args], { env }, (error, out, err) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
      )
    })
  const counts = () => Promise.all(TOPICS.map((topic) => recordsIn(world.target, topic)))
  const onTarget = (...wanted: readonly number[]) =>
    eventually(`${wanted} records on the target`, async () => `${await counts()}` === `${wanted}`, { withinMs: 60_000 })
  const write = async (count: number): Promise<void> => {
    for (const topic of TOPICS) await writeRecords(world.source, topic, count)
  }
  const states = () =>
    Object.fromEntries(
      (world.aws?.gateway.mappings.list() ?? []).map((one) => [one.configuration.Topics[0], one.state]),
    )
  const withState = async <Answer>(
    act: (state: ReturnType<typeof linkState> & ReturnType<typeof linkControl>) => Promise<Answer>,
  ): Promise<Answer> => {
    const credentials = {
      accessKeyId: LOCAL_CREDENTIALS.AWS_ACCESS_KEY_ID,
      secretAccessKey: LOCAL_CREDENTIALS.AWS_SECRET_ACCESS_KEY,
    }
    const endpoint = world.aws?.url ?? ''
    const client = createDynamoDbClient({ endpoint, region: 'eu-west-1', credentials })
    const table = new LinkTable({ client, name: 'twinshore-west-east' })
    return act({ ...linkState(table), ...linkControl(table) }).finally(() => client.destroy())
  }
  const status = (): Promise<LinkStatus> => withState(async (state) => (await state.read([], inTime())).status)

  it('copies nothing while the link is paused, and everything once after that', async () => {
    await write(3)
    await onTarget(3, 3)
    const { code, out, err } = await twinshore('pause', 'west-east', '--json')
    expect(code, err).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ link: 'west-east', mode: 'paused', noted: true, waiting: [] })
    expect(err).toMatch(/0 of 2 mappings are there; orders is Enabled/)
    expect(states()).toEqual({ orders: 'Disabled', payments: 'Disabled' })
    await write(4)
    expect(await counts()).toEqual([3, 3])
    expect((await twinshore('resume', 'west-east')).out).toMatch(/noted: resume; the link is forwarding/)
    expect(states()).toEqual({ orders: 'Enabled', payments: 'Enabled' })
    await onTarget(7, 7)
  })

  it('refuses what a poller brings all the same', async () => {
    await twinshore('pause', 'west-east')
    const [mapping] = world.aws?.gateway.mappings.list() ?? []
    world.aws?.gateway.mappings.change(mapping?.uuid ?? '', { enabled: true })
    await world.aws?.gateway.mappings.settled()
    await write(1)
    const failed = () =>
      world.aws?.gateway.mappings.get(mapping?.uuid ?? '')?.lastProcessingResult.startsWith('PROBLEM')
    await eventually('the function to refuse', failed, { withinMs: 60_000 })
    expect(await counts()).toEqual([7, 7])
    await twinshore('resume', 'west-east')
    await onTarget(8, 8)
  })

  it('changes nothing the second time', async () => {
    expect((await twinshore('pause', 'west-east')).code).toBe(0)
    const again = await twinshore('pause', 'west-east')
    expect(again).toMatchObject({ code: 0, err: '', out: expect.stringContaining('pause: was noted before') })
    await twinshore('resume', 'west-east')
  })

  it('pauses one topic, also across a pause of the link', async () => {
    expect((await twinshore('pause', 'west-east', '--topic', 'orders')).code).toBe(0)
    await twinshore('pause', 'west-east')
    await twinshore('resume', 'west-east')
    expect(states()).toEqual({ orders: 'Disabled', payments: 'Enabled' })
    await write(2)
    await onTarget(8, 10)
    expect((await twinshore('resume', 'west-east', '--topic', 'orders')).code).toBe(0)
    await onTarget(10, 10)
  })

  it('is refused for a topic that the link does not know, with the reason', async () => {
    const { code, err } = await twinshore('pause', 'west-east', '--topic', 'ordres')
    expect(code).toBe(1)
    expect(err).toMatch(/TOPIC_UNFOLLOWED: .*ordres/)
  })

  it('does not resume what a failover has stopped', async () => {
    const before = await status()
    const stopped: LinkStatus = { ...before, mode: 'stopped', epoch: before.epoch + 1 }
    await withState((state) => state.setStatus(before, stopped, inTime()))
    const { code, err } = await twinshore('resume', 'west-east')
    expect(code).toBe(1)
    expect(err).toMatch(/LINK_NOT_FORWARDING: resuming the link: a failover has set it to stopped/)
    expect(await status()).toEqual(stopped)
  })
})
