import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  alterTopic,
  createTopics,
  deleteTopic,
  describeTopics,
  topicNames,
  unsetTopic,
} from '../../local/kafka/local-topics.ts'
import { KafkaTopicAdmin } from '../../shared/adapters/kafka/kafka-topic-admin.ts'
import { FLAWLESS } from '../support/flawless.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import { SyncedLink } from '../support/synced-link.ts'
import { NO_SECRETS, openAccess } from '../support/target-cluster.ts'
import { variedRecords } from '../support/varied-records.ts'

const DAY_MS = 86_400_000
/** The function is one process here, and shares two cores with brokers and pollers. */
const ROUND_MS = 50
const KEYED = { key: Buffer.from('key'), value: Buffer.from('value') }

let rig: Rig
let synced: SyncedLink
beforeAll(async () => {
  rig = await startRig('sync-topics')
  synced = await SyncedLink.start(rig, {
    name: 'sync',
    topics: [/flow.*/, /new-.*/, /growing/, /keyed/, /set/, /gone/, /nowhere\..*/],
    onSourceDelete: { deleteAfterDays: 2 },
  })
})
afterAll(async () => {
  await synced?.stop()
  await rig?.stop()
})

const judge = (topic: string) => synced.link.judge(topic)
const settingsOf = async (topic: string) => (await describeTopics(rig.target.cluster, [`sync.${topic}`]))[0]?.settings

/** Records that go on coming until it is stopped; resolves to how many each partition got. */
const flowInto = (topic: string, partitions: number): (() => Promise<number>) => {
  let flowing = true
  const flow = async (): Promise<number> => {
    let rounds = 0
    for (; flowing; rounds++) {
      for (let partition = 0; partition < partitions; partition++)
        await rig.source.produce(topic, partition, variedRecords(10, `round ${rounds}`))
      await pause(ROUND_MS)
    }
    return rounds * 10
  }
  const flown = flow()
  return async () => {
    flowing = false
    return await flown
  }
}

describe('topics that appear on the source while data flows', () => {
  it('are made, consumed and whole, fifty at once, and what flows is not stopped for them', async () => {
    await rig.source.createTopic('flow', { partitions: 2 })
    await synced.inStep()
    expect(await settingsOf('flow')).toMatchObject({ 'message.timestamp.type': 'CreateTime' })
    const stop = flowInto('flow', 2)
    const names = Array.from({ length: 50 }, (_, at) => `new-${at}`)
    const settings = { 'retention.ms': '-1' }
    await createTopics(
      rig.source.cluster,
      names.map((name) => ({ name, partitions: 1, settings })),
    )
    for (const name of names) await rig.source.untilServed(name)
    for (const name of names) await rig.source.produce(name, 0, variedRecords(5, name))
    await synced.inStep()
    for (const name of names) await synced.link.caughtUp(name)
    const perPartition = await stop()
    await synced.link.caughtUp('flow')
    expect(synced.polls.filter((poll) => poll.endsWith(' flow'))).toEqual(['start flow'])
    expect(await judge('flow')).toEqual({ ...FLAWLESS, records: 2 * perPartition })
    for (const name of names) expect(await judge(name)).toEqual({ ...FLAWLESS, records: 5 })
  })

  it('are looked for by patterns, and one that matches nothing is a warning', async () => {
    const { notes, faulted } = await synced.pass()
    expect(notes.filter(({ because }) => because === 'pattern-without-topic')).toMatchObject(
      [
        { severity: 'warning', about: '^(?:nowhere\\..*)$' },
        ...['growing', 'keyed', 'set', 'gone'].map((topic) => ({ about: `^(?:${topic})$` })),
      ].sort((one, other) => order(one.about) - order(other.about)),
    )
    expect(faulted).toEqual([])
  })
})

const order = (pattern: string): number =>
  ['growing', 'keyed', 'set', 'gone', 'nowhere'].findIndex((name) => pattern.includes(name))

it('partitions that are added in mid-stream wait for the target, and no record is misplaced', async () => {
  await rig.source.createTopic('growing', { partitions: 2 })
  await synced.inStep()
  for (const partition of [0, 1]) await rig.source.produce('growing', partition, variedRecords(40, 'before'))
  await rig.source.administer((admin) => admin.createPartitions({ topicPartitions: [{ topic: 'growing', count: 4 }] }))
  await rig.source.untilServed('growing')
  await rig.source.forget()
  for (const partition of [0, 1, 2, 3]) await rig.source.produce('growing', partition, variedRecords(60, 'after'))
  expect(await synced.link.error('TARGET_PARTITION_MISSING')).toMatch(/growing-[23]/)
  expect(await rig.target.logs('sync.growing')).toHaveLength(2)
  await synced.inStep()
  await synced.link.caughtUp('growing')
  expect(await rig.target.logs('sync.growing')).toHaveLength(4)
  expect(await judge('growing')).toEqual({ ...FLAWLESS, records: 2 * 40 + 4 * 60 })
  expect(synced.polls.filter((poll) => poll.endsWith(' growing'))).toEqual(['start growing'])
})

it('a topic is compacted once its keyless past is replicated, and not a pass before', async () => {
  const partition = { topic: 'keyed', partition: 0 }
  await rig.source.createTopic('keyed', { partitions: 1 })
  await rig.source.produce('keyed', 0, variedRecords(50, 'keyless as well'))
  await alterTopic(rig.source.cluster, 'keyed', { 'cleanup.policy': 'compact' })
  await rig.source.produce('keyed', 0, variedRecords(50, 'keyed', KEYED))
  const created = await synced.pass()
  expect(created.notes).toContainEqual(expect.objectContaining({ because: 'compaction-waits', about: 'keyed' }))
  expect(await settingsOf('keyed')).toMatchObject({ 'cleanup.policy': 'delete', 'retention.ms': '-1' })
  await synced.link.caughtUp('keyed')
  expect((await synced.link.head(partition))?.nextSource).toBe(100n)
  await synced.inStep()
  expect(await settingsOf('keyed')).toMatchObject({ 'cleanup.policy': 'compact' })
  await rig.source.produce('keyed', 0, variedRecords(20, 'compacted', KEYED))
  await synced.link.caughtUp('keyed')
  expect(await judge('keyed')).toEqual({ ...FLAWLESS, records: 120 })
})

it('settings follow the source, when they change and when they go', async () => {
  const settings = { 'segment.bytes': '1048576', 'max.message.bytes': '2000000', 'min.insync.replicas': '1' }
  await rig.source.createTopic('set', { settings })
  await synced.inStep()
  const replica = await settingsOf('set')
  expect(replica).toMatchObject({ 'segment.bytes': '1048576', 'max.message.bytes': '2000000', 'retention.ms': '-1' })
  expect(replica).not.toHaveProperty('min.insync.replicas')
  await alterTopic(rig.source.cluster, 'set', { 'max.message.bytes': '3000000' })
  await unsetTopic(rig.source.cluster, 'set', 'segment.bytes')
  await alterTopic(rig.target.cluster, 'sync.set', { 'flush.ms': '5000', 'min.insync.replicas': '1' })
  const { steps } = await synced.pass()
  expect(steps).toMatchObject([{ topic: 'set', kind: 'alter', outcome: 'done' }])
  expect((await synced.inStep()).steps).toEqual([])
  const { 'segment.bytes': _, ...rest } = replica ?? {}
  expect(await settingsOf('set')).toEqual({ ...rest, 'max.message.bytes': '3000000', 'min.insync.replicas': '1' })
})

it('a topic that is deleted loses its replica after its days, and nobody else does', async () => {
  await rig.source.createTopic('gone')
  await rig.target.createTopic('sync.not-ours')
  await synced.inStep()
  await deleteTopic(rig.source.cluster, 'gone')
  await synced.inStep()
  expect(await synced.stateOf('gone')).toBeUndefined()
  const replicas = async () => (await topicNames(rig.target.cluster)).filter((name) => /gone|ours/.test(name)).sort()
  const since =
    (await synced.deps.ledger.topics({ at: Number.POSITIVE_INFINITY, signal: new AbortController().signal })).get(
      'gone',
    )?.missingSince ?? 0
  const at = async (ms: number) => synced.pass({ ...synced.deps, clock: { now: () => since + ms } })
  await at(2 * DAY_MS - 1)
  expect(await replicas()).toEqual(['sync.gone', 'sync.not-ours'])
  expect((await at(2 * DAY_MS)).steps).toMatchObject([{ kind: 'remove', outcome: 'done' }, { kind: 'remember' }])
  await rig.target.createTopic('sync.gone')
  expect((await at(9 * DAY_MS)).steps).toEqual([])
  expect(await replicas()).toEqual(['sync.gone', 'sync.not-ours'])
})

it('one cluster under two names is refused, whatever its addresses are called', async () => {
  const before = await topicNames(rig.source.cluster)
  const bootstrapServers = rig.source.cluster.bootstrapServers.map((server) => server.replace('127.0.0.1', 'localhost'))
  const target = new KafkaTopicAdmin(openAccess(bootstrapServers), { secrets: NO_SECRETS, side: 'target' })
  await expect(synced.pass({ ...synced.deps, target })).rejects.toMatchObject({ code: 'SAME_CLUSTER' })
  expect(await topicNames(rig.source.cluster)).toEqual(before)
  target.close()
})
