import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BrokerConnections } from '../../local/check/broker-connections.ts'
import { readLog } from '../../local/check/log-reader.ts'
import type { CorpusRecord } from '../../local/corpus/corpus-records.ts'
import { deleteTopic, topicNames } from '../../local/kafka/local-topics.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { findRun } from '../../shared/usecases/offset-map/find-run.ts'
import { inTime } from '../support/in-time.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import { SyncedLink } from '../support/synced-link.ts'
import { variedRecords } from '../support/varied-records.ts'

const PARTITIONS = [0, 1]

let rig: Rig
let synced: SyncedLink
let strict: SyncedLink
beforeAll(async () => {
  rig = await startRig('topic-lives')
  const topics = ['reborn', 'late', 'neighbour', 'kept'].map((topic) => new RegExp(topic))
  synced = await SyncedLink.start(rig, { name: 'lives', topics: topics.slice(0, 3) })
  strict = await SyncedLink.start(rig, { name: 'strict', topics: topics.slice(2), onRecreate: 'fault' })
})
afterAll(async () => {
  for (const link of [synced, strict]) await link?.stop()
  await rig?.stop()
})

const produce = async (topic: string, count: number, word: string): Promise<void> => {
  for (const partition of PARTITIONS) await rig.source.produce(topic, partition, variedRecords(count, word))
}

const start = async (topic: string): Promise<void> => {
  await rig.source.createTopic(topic, { partitions: PARTITIONS.length })
  await produce(topic, 100, 'first life')
}

const recreate = async (topic: string): Promise<void> => {
  await deleteTopic(rig.source.cluster, topic)
  const isGone = async () => !(await topicNames(rig.source.cluster)).includes(topic)
  await eventually(`${topic} to be gone`, isGone, { withinMs: 20_000 })
  await rig.source.forget()
  await rig.source.createTopic(topic, { partitions: PARTITIONS.length })
}

const textOf = ({ key, value }: Pick<CorpusRecord, 'key' | 'value'>): string =>
  `${key?.toString('hex') ?? 'null'} ${value?.toString('hex') ?? 'null'}`

/** What the target has of a partition, from an offset on. */
const replicaFrom = async (topic: string, partition: number, from: bigint): Promise<string[]> => {
  const brokers = new BrokerConnections(rig.target.cluster)
  const texts: string[] = []
  try {
    for await (const { batch } of readLog(brokers, { topic, partition }))
      for (const record of batch.records) if (record.offset >= from) texts.push(textOf(record))
  } finally {
    await brokers.close()
  }
  return texts
}

/** Every record of the new life is on the target, in order, where the map says, and the old life's map is whole. */
const expectReborn = async (topic: string, life: readonly CorpusRecord[], earlier: string): Promise<void> => {
  for (const partition of PARTITIONS) {
    const id = { topic, partition }
    const head = await synced.link.head(id)
    expect(head).toMatchObject({ nextSource: BigInt(life.length) })
    expect(head?.openRuns).toMatchObject([{ source: 0n, length: BigInt(life.length) }])
    const [begin = { target: 0n }] = head?.openRuns ?? []
    const replica = await replicaFrom(synced.link.targetTopic(topic), partition, begin.target)
    expect(replica).toEqual(life.map(textOf))
    const map = { partition: id, head, pages: synced.link.state }
    for (const offset of [0n, 99n]) {
      const run = await findRun(map, { incarnation: earlier, offset }, inTime())
      expect(run && run.target + offset - run.source).toBe(offset)
    }
    expect(await synced.link.gaps(id)).toEqual([])
  }
}

const lifeOf = async (topic: string): Promise<string> =>
  (await synced.deps.source.describe(inTime())).topics.get(topic)?.incarnation ?? ''

const replicated = (topic: string) => synced.link.caughtUp(topic)

describe('a topic that is deleted and made again under load', () => {
  it('has its new life replicated whole, from its first record on, and a neighbour is not stopped for it', async () => {
    for (const topic of ['reborn', 'neighbour']) await start(topic)
    await synced.inStep()
    for (const topic of ['reborn', 'neighbour']) await replicated(topic)
    const earlier = await lifeOf('reborn')
    await recreate('reborn')
    await produce('reborn', 250, 'second life')
    expect((await synced.pass()).notes.map(({ because }) => because)).toContain('restarting')
    await produce('neighbour', 30, 'meanwhile')
    await synced.inStep()
    for (const topic of ['reborn', 'neighbour']) await replicated(topic)
    await expectReborn('reborn', variedRecords(250, 'second life'), earlier)
    expect(synced.polls.filter((poll) => poll.endsWith('reborn'))).toEqual([
      'start reborn',
      'stop reborn',
      'start reborn',
    ])
    expect(synced.polls.filter((poll) => poll.endsWith('neighbour'))).toEqual(['start neighbour'])
  })

  it('is read from its beginning although a batch of its earlier life was committed after that', async () => {
    await start('late')
    await synced.inStep()
    await replicated('late')
    const earlier = await lifeOf('late')
    await synced.link.stopPolling()
    await recreate('late')
    await produce('late', 250, 'second life')
    const group = synced.link.groupOf('late')
    const stale = new Map(PARTITIONS.map((partition) => [partition, 150n]))
    await synced.deps.groups.rewind(group, 'late', stale, inTime())
    await synced.inStep()
    await replicated('late')
    await expectReborn('late', variedRecords(250, 'second life'), earlier)
  })
})

describe('a link that says fault', () => {
  it('lets a topic stand that was made again, and goes on with the others', async () => {
    await start('kept')
    await strict.inStep()
    for (const topic of ['kept', 'neighbour']) await strict.link.caughtUp(topic)
    const heads = () => Promise.all(PARTITIONS.map((partition) => strict.link.head({ topic: 'kept', partition })))
    const before = await heads()
    await recreate('kept')
    await produce('kept', 250, 'second life')
    await produce('neighbour', 10, 'and still')
    const { faulted } = await strict.inStep()
    await strict.link.caughtUp('neighbour')
    expect(faulted).toEqual(['kept'])
    expect(await strict.stateOf('kept')).toBe('Disabled')
    expect(await heads()).toEqual(before)
  })
})
