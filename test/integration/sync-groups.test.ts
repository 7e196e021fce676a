import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BrokerConnections } from '../../local/check/broker-connections.ts'
import { readLog } from '../../local/check/log-reader.ts'
import type { CorpusRecord } from '../../local/corpus/corpus-records.ts'
import { alterBrokers, deleteTopic, topicNames } from '../../local/kafka/local-topics.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { isReplicated } from '../../shared/domain/run.ts'
import type { GroupTranslation } from '../../shared/usecases/groups/group-report.ts'
import { translateGroup } from '../../shared/usecases/groups/translate-group.ts'
import { beginTransaction, joinGroup } from '../support/group-cluster.ts'
import { produceHoles } from '../support/holed-topic.ts'
import { inTime } from '../support/in-time.ts'
import { commitOn, MovingGroups, standsAt } from '../support/moving-groups.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigCluster } from '../support/rig-cluster.ts'
import type { RigLink } from '../support/rig-link.ts'
import { SyncedLink } from '../support/synced-link.ts'

const RECORDS = 300
const TRANSACTIONS = 60
const START = 1_700_000_000_000
const LATER = START + 604_800_000

let rig: Rig
let there: SyncedLink
let back: RigLink
let onward: MovingGroups
let homeward: MovingGroups
beforeAll(async () => {
  rig = await startRig('sync-groups')
  there = await SyncedLink.start(rig, {
    name: 'there',
    topics: ['plain', 'holes', 'compacted', 'reborn'].map((one) => new RegExp(one)),
  })
  back = await rig.link({ name: 'back', reverse: true, topics: ['plain'] })
  onward = new MovingGroups(rig, there.link, [back])
  homeward = new MovingGroups(rig, back, [there.link])
  await fill()
  await there.inStep()
  for (const topic of ['plain', 'holes', 'compacted', 'reborn']) await there.link.caughtUp(topic)
  back.poll('plain')
  await back.caughtUp('plain')
})
afterAll(async () => {
  for (const groups of [onward, homeward]) groups?.close()
  await there?.stop()
  await rig?.stop()
})

const inSource = (topic: string) => ({ topic, partition: 0 })
const inTarget = (topic: string) => ({ topic: `there.${topic}`, partition: 0 })

const record = (word: string, at: number, own: Partial<CorpusRecord> = {}): CorpusRecord => ({
  timestamp: START + at,
  key: Buffer.from(`${word} ${at}`),
  value: Buffer.from(`${word} ${at}`),
  headers: [],
  ...own,
})

const records = (word: string, count = RECORDS) => Array.from({ length: count }, (_, at) => record(word, at))

/** Nothing on the target is at the offset that it has on the source. */
const fill = async (): Promise<void> => {
  for (const topic of ['plain', 'holes', 'reborn']) await rig.source.createTopic(topic)
  for (const topic of ['plain', 'holes', 'compacted', 'reborn']) {
    await rig.target.createTopic(`there.${topic}`)
    await rig.target.produce(`there.${topic}`, 0, records('of nobody', 7))
  }
  await rig.source.createTopic('back.plain')
  await rig.target.createTopic('plain')
  await rig.target.produce('plain', 0, records('written there', 50))
  await rig.source.produce('plain', 0, records('plain'))
  await rig.source.produce('reborn', 0, records('first life', 100))
  await produceHoles(rig.source, 'holes', { partitions: 1, transactions: TRANSACTIONS })
  await fillCompacted()
}

/** Records of a later time open another segment, and the open one is never cleaned. */
const fillCompacted = async (): Promise<void> => {
  const settings = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.01', 'segment.ms': '86400000' }
  await rig.source.createTopic('compacted', { settings })
  const keyed = (at: number, timestamp: number) => record('compacted', at, { key: Buffer.from(`${at % 9}`), timestamp })
  await rig.source.produce(
    'compacted',
    0,
    Array.from({ length: 200 }, (_, at) => keyed(at, START)),
  )
  await rig.source.produce(
    'compacted',
    0,
    Array.from({ length: 40 }, (_, at) => keyed(1_000 + at, LATER)),
  )
  await alterBrokers(rig.source.cluster, { 'log.cleaner.backoff.ms': '200' })
  const isCompacted = async () => (await valuesFrom(rig.source, 'compacted', 0n)).length < 240
  await eventually('compaction to take records', isCompacted, { withinMs: 30_000 })
}

const ofNobody = /^of nobody/

/** What a reader of committed records gets from an offset on. */
const valuesFrom = async ({ cluster }: RigCluster, topic: string, from: bigint): Promise<string[]> => {
  const brokers = new BrokerConnections(cluster)
  const values: string[] = []
  try {
    for await (const { batch, visibility } of readLog(brokers, { topic, partition: 0 }))
      for (const { offset, value } of batch.records)
        if (visibility === 'committed' && offset >= from) values.push(String(value))
  } finally {
    await brokers.close()
  }
  return values.filter((value) => !ofNobody.test(value))
}

/** Reads nothing twice and misses nothing: the target goes on with just what the source goes on with. */
const expectExact = async (group: string, topic: string, committed: bigint): Promise<void> => {
  const position = await standsAt(onward.target, group, inTarget(topic))
  expect(position).toBeDefined()
  expect(await valuesFrom(rig.target, `there.${topic}`, position ?? 0n)).toEqual(
    await valuesFrom(rig.source, topic, committed),
  )
}

const endOf = async (topic: string): Promise<bigint> => (await rig.source.logs(topic))[0]?.logEnd ?? 0n

describe('a consumer group between two clusters', () => {
  it.each([
    ['plain', 10n],
    ['plain', 299n],
    ['holes', 20n],
    ['holes', 21n],
    ['holes', 19n],
    ['compacted', 3n],
    ['compacted', 150n],
    ['compacted', 210n],
  ])('resumes in %s after %i with the very next record', async (topic, committed) => {
    const group = `${topic}-${committed}`
    await commitOn(onward.source, group, inSource(topic), committed)
    expect(await onward.pass(group)).toMatchObject({ positionsMoved: 1, faulted: [] })
    await expectExact(group, topic, committed)
  })

  it.each(['plain', 'holes', 'compacted'])('resumes in %s at the end when it has read all', async (topic) => {
    const group = `${topic}-end`
    const end = await endOf(topic)
    await commitOn(onward.source, group, inSource(topic), end)
    await onward.pass(group)
    await expectExact(group, topic, end)
  })

  it('waits at the end of what is replicated while it is ahead', async () => {
    await commitOn(onward.source, 'ahead', inSource('plain'), 10_000n)
    const { groups } = await onward.pass('ahead')
    expect(groups[0]?.moved[0]?.positions[0]).toMatchObject({ kind: 'ahead', by: '9700', outcome: 'moved' })
    expect(await standsAt(onward.target, 'ahead', inTarget('plain'))).toBe(307n)
  })

  it.each(['classic', 'consumer'] as const)(
    'is not moved while it is live there as a %s group, and is when it left',
    async (kind) => {
      const group = `live-${kind}`
      await commitOn(onward.source, group, inSource('plain'), 100n)
      const leave = await joinGroup(rig.target.cluster, group, 'there.plain', kind)
      expect(await onward.pass(group)).toMatchObject({ live: 1, positionsMoved: 0 })
      expect(await standsAt(onward.target, group, inTarget('plain'))).toBeUndefined()
      await leave()
      const isMoved = async () => (await onward.pass(group)).positionsMoved === 1
      await eventually('the group to have left', isMoved, { withinMs: 20_000 })
      await expectExact(group, 'plain', 100n)
    },
  )

  it('is refused by the coordinator when a consumer joins between the last look and the commit', async () => {
    await commitOn(onward.source, 'race', inSource('plain'), 100n)
    let leave = async (): Promise<void> => undefined
    const { target } = onward.deps
    const commit: typeof target.commit = async (offsets, deadline) => {
      leave = await joinGroup(rig.target.cluster, 'race', 'there.plain', 'classic')
      return await target.commit(offsets, deadline)
    }
    const raced = { list: target.list.bind(target), committed: target.committed.bind(target), commit }
    const { groups, faulted } = await onward.pass('race', { ...onward.deps, target: raced })
    await leave()
    expect([groups[0]?.moved[0]?.positions[0]?.outcome, faulted]).toEqual(['live', []])
    expect(await standsAt(onward.target, 'race', inTarget('plain'))).toBeUndefined()
  })

  it('is not moved while a transaction is open that would move it', async () => {
    await commitOn(onward.source, 'pending', inSource('plain'), 50n)
    const transaction = await beginTransaction(rig.source.cluster, 'pending', 'plain', 60n)
    const { groups } = await onward.pass('pending')
    expect(groups[0]?.skipped.map(({ because }) => because)).toEqual(['unstable'])
    await transaction.end('commit')
    await onward.pass('pending')
    await expectExact('pending', 'plain', 60n)
  })

  it('is set back only by a link that follows rewinds', async () => {
    await commitOn(onward.source, 'rewound', inSource('plain'), 200n)
    await onward.pass('rewound')
    await commitOn(onward.source, 'rewound', inSource('plain'), 20n)
    const { groups } = await onward.pass('rewound')
    expect(groups[0]?.skipped.map(({ because }) => because)).toEqual(['would-lower'])
    const following = { ...onward.deps, link: { ...onward.deps.link, followRewinds: true } }
    expect((await onward.pass('rewound', following)).positionsMoved).toBe(1)
    await expectExact('rewound', 'plain', 20n)
  })

  it('takes its positions in replicas back, and what it has done there comes home', async () => {
    const home = inSource('plain')
    await commitOn(onward.source, 'both', home, 40n)
    await onward.pass('both')
    await commitOn(onward.target, 'both', inTarget('plain'), 7n + 90n)
    await commitOn(onward.target, 'both', { topic: 'plain', partition: 0 }, 30n)
    await homeward.pass('both')
    expect(await standsAt(onward.source, 'both', home)).toBe(90n)
    expect(await standsAt(onward.source, 'both', { topic: 'back.plain', partition: 0 })).toBe(30n)
    await commitOn(onward.target, 'both', inTarget('plain'), 17n) // set back there
    const { groups } = await onward.pass('both')
    expect(groups[0]?.skipped.map(({ topic, because }) => [topic, because])).toContainEqual(['plain', 'echo'])
    expect(await standsAt(onward.target, 'both', inTarget('plain'))).toBe(17n)
  })

  it('is told where it stands, and what it would read again', async () => {
    await commitOn(onward.source, 'told', inSource('holes'), 20n)
    await onward.pass('told')
    await commitOn(onward.source, 'told', inSource('holes'), 40n)
    const told: GroupTranslation = await translateGroup('told', inTime(), onward.deps)
    const head = await there.link.head(inSource('holes'))
    expect(head?.openRuns.some(isReplicated)).toBe(true)
    expect(told).toMatchObject({ group: 'told', onSource: 'empty', onTarget: 'empty', troubles: [] })
    expect(told.partitions).toEqual([
      {
        topic: 'holes',
        partition: 0,
        source: '40',
        targetTopic: 'there.holes',
        target: '25',
        kind: 'exact',
        committed: '16',
        readAgain: { atTarget: '0', atCommitted: '9' },
      },
    ])
  })

  it('is not translated by the map of an earlier life of its topic', async () => {
    await commitOn(onward.source, 'reborn', inSource('reborn'), 90n)
    await onward.pass('reborn')
    await deleteTopic(rig.source.cluster, 'reborn')
    const isGone = async () => !(await topicNames(rig.source.cluster)).includes('reborn')
    await eventually('the topic to be gone', isGone, { withinMs: 20_000 })
    await rig.source.forget()
    await rig.source.createTopic('reborn')
    await rig.source.produce('reborn', 0, records('second life', 30))
    await commitOn(onward.source, 'reborn', inSource('reborn'), 5n)
    const following = { ...onward.deps, link: { ...onward.deps.link, followRewinds: true } }
    const { groups } = await onward.pass('reborn', following)
    expect(groups[0]?.skipped.map(({ because }) => because)).toEqual(['unmapped'])
    await there.inStep()
    await there.link.caughtUp('reborn')
    await onward.pass('reborn')
    await expectExact('reborn', 'reborn', 5n)
  })
})
