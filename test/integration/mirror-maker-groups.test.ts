import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CorpusRecord } from '../../local/corpus/corpus-records.ts'
import { commitOn, MovingGroups, standsAt } from '../support/moving-groups.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigLink } from '../support/rig-link.ts'

// The parts about groups of Apache Kafka's integration tests of MirrorMaker 2, by their names.

const TOPICS = ['empty', 'auto', 'later', 'frequent', 'unmirrored', 'restarted', 'behind']
const OF_NOBODY = 7

let rig: Rig
let link: RigLink
let groups: MovingGroups
beforeAll(async () => {
  rig = await startRig('mirror-maker-groups')
  link = await rig.link({ name: 'onward', topics: TOPICS })
  groups = new MovingGroups(rig, link)
})
afterAll(async () => {
  groups?.close()
  await rig?.stop()
})

const records = (count: number): CorpusRecord[] =>
  Array.from({ length: count }, (_, at) => ({
    timestamp: 1_700_000_000_000 + at,
    key: Buffer.from(`${at}`),
    value: Buffer.from(`value ${at}`),
    headers: [],
  }))

/** The target's log is some records ahead of the source's, so that no offset is right by chance. */
const topicOn = async (topic: string, count: number, partitions = 1): Promise<void> => {
  await rig.source.createTopic(topic, { partitions })
  await rig.target.createTopic(link.targetTopic(topic), { partitions })
  await rig.target.produce(link.targetTopic(topic), 0, records(OF_NOBODY))
  if (count > 0) await rig.source.produce(topic, 0, records(count))
}

const commit = (group: string, topic: string, offset: number, partition = 0) =>
  commitOn(groups.source, group, { topic, partition }, BigInt(offset))

const moved = (group: string, topic: string, partition = 0) =>
  standsAt(groups.target, group, { topic: link.targetTopic(topic), partition })

const further = (offset: number): bigint => BigInt(offset + OF_NOBODY)

describe('MirrorConnectorsIntegrationBaseTest', () => {
  it('testReplicationWithEmptyPartition: position 0 in an empty partition; here none, and the reason is told', async () => {
    await topicOn('empty', 10, 2)
    link.poll('empty')
    await link.caughtUp('empty')
    await commit('empty-reader', 'empty', 10)
    await commit('empty-reader', 'empty', 0, 1)
    const report = await groups.pass('empty-reader')
    expect(report.groups[0]?.skipped).toMatchObject([{ topic: 'empty', because: 'unmapped', partitions: [1] }])
    expect(await moved('empty-reader', 'empty')).toBe(further(10))
    expect(await moved('empty-reader', 'empty', 1)).toBeUndefined()
  })

  it('testOneWayReplicationWithAutoOffsetSync: re-reads less than offset.lag.max; here nothing, also in a topic added later', async () => {
    await topicOn('auto', 100)
    link.poll('auto')
    await link.caughtUp('auto')
    await commit('auto-reader', 'auto', 100)
    await groups.pass('auto-reader')
    expect(await moved('auto-reader', 'auto')).toBe(further(100))
    await topicOn('later', 50)
    link.poll('later')
    await link.caughtUp('later')
    await commit('auto-reader', 'later', 33)
    expect(await groups.pass('auto-reader')).toMatchObject({ positionsMoved: 1, faulted: [] })
    expect(await moved('auto-reader', 'later')).toBe(further(33))
    expect(
      await standsAt(groups.source, 'auto-reader', { topic: link.targetTopic('auto'), partition: 0 }),
    ).toBeUndefined()
  })

  it('testOneWayReplicationWithFrequentOffsetSyncs: with a sync for every record; here exact without any', async () => {
    await topicOn('frequent', 0)
    link.poll('frequent')
    for (let read = 5; read <= 20; read += 5) {
      await rig.source.produce('frequent', 0, records(5))
      await link.caughtUp('frequent')
      await commit('frequent-reader', 'frequent', read - 2)
      await groups.pass('frequent-reader')
      expect(await moved('frequent-reader', 'frequent')).toBe(further(read - 2))
    }
  })

  it('testNoCheckpointsIfNoRecordsAreMirrored: none before the first record is mirrored, one as soon as it is', async () => {
    await topicOn('unmirrored', 20)
    await commit('early-reader', 'unmirrored', 12)
    const { groups: early, positionsMoved } = await groups.pass('early-reader')
    expect([early[0]?.skipped.map(({ because }) => because), positionsMoved]).toEqual([['unmapped'], 0])
    link.poll('unmirrored')
    await link.caughtUp('unmirrored')
    await groups.pass('early-reader')
    expect(await moved('early-reader', 'unmirrored')).toBe(further(12))
  })

  it('testRestartReplication: full sync after a restart; here no position has to catch up, whatever was committed before', async () => {
    await topicOn('restarted', 60)
    const poller = link.poll('restarted')
    await link.caughtUp('restarted')
    await commit('restarted-reader', 'restarted', 30)
    await groups.pass('restarted-reader')
    expect(await moved('restarted-reader', 'restarted')).toBe(further(30))
    await poller.stop()
    await rig.source.produce('restarted', 0, records(60))
    link.poll('restarted')
    await link.caughtUp('restarted')
    const restarted = new MovingGroups(rig, link)
    for (const committed of [31, 59, 60, 61, 120]) {
      await commit('restarted-reader', 'restarted', committed)
      await restarted.pass('restarted-reader')
      expect(await moved('restarted-reader', 'restarted')).toBe(further(committed))
    }
    restarted.close()
  })

  it('testOffsetTranslationBehindReplicationFlow: far behind it is translated, goes on to 90 %, and goes back to 10 %', async () => {
    await topicOn('behind', 1_000)
    link.poll('behind')
    await link.caughtUp('behind')
    const following = { ...groups.deps, link: { ...groups.deps.link, followRewinds: true } }
    for (const committed of [100, 500, 900, 100]) {
      await commit('behind-reader', 'behind', committed)
      expect(await groups.pass('behind-reader', following)).toMatchObject({ positionsMoved: 1 })
      expect(await moved('behind-reader', 'behind')).toBe(further(committed))
    }
  })

  it('testOffsetTranslationBehindReplicationFlow: without followRewinds it stays where it is, and that is told', async () => {
    await commit('behind-reader', 'behind', 50)
    const report = await groups.pass('behind-reader')
    expect(report.groups[0]?.skipped.map(({ because }) => because)).toEqual(['would-lower'])
    expect(await moved('behind-reader', 'behind')).toBe(further(100))
  })
})
