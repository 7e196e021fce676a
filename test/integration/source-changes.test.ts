import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../local/machine/eventually.ts'
import { linkDimensions } from '../../shared/domain/metrics.ts'
import type { PartitionId } from '../../shared/domain/record.ts'
import { metricsIn } from '../support/emitted-metrics.ts'
import { FLAWLESS } from '../support/flawless.ts'
import { produceHoles } from '../support/holed-topic.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigLink } from '../support/rig-link.ts'
import { variedRecords } from '../support/varied-records.ts'

let rig: Rig
let link: RigLink
beforeAll(async () => {
  rig = await startRig('source-changes')
  link = await rig.link()
})
afterAll(() => rig?.stop())

const start = async (topic: string, partitions: number, counts: readonly number[], word = topic): Promise<void> => {
  await rig.source.createTopic(topic, { partitions })
  await rig.target.createTopic(link.targetTopic(topic), { partitions })
  for (const [partition, count] of counts.entries())
    await rig.source.produce(topic, partition, variedRecords(count, `${word} ${partition}`))
}

describe('a topic that is deleted and created again under the link', () => {
  const recreate = async (topic: string, partitions: number): Promise<void> => {
    await rig.source.administer((admin) => admin.deleteTopics({ topics: [topic] }))
    await eventually(
      `${topic} to be gone`,
      async () => !(await rig.source.administer((admin) => admin.listTopics())).includes(topic),
      { withinMs: 20_000 },
    )
    await rig.source.forget()
    await rig.source.createTopic(topic, { partitions })
  }

  /** What is remembered and what is on the target, to see that nothing of it moves. */
  const stateOf = async (partition: PartitionId) => {
    const [log] = await rig.target.logs(link.targetTopic(partition.topic))
    return { head: await link.head(partition), end: log?.logEnd, gaps: await link.gaps(partition) }
  }

  it.each([
    ['has fewer records than were replicated', 'shorter', 40],
    ['has grown past the checkpoint', 'longer', 250],
  ])('stops with INCARNATION_CHANGED when it %s', async (_how, topic, count) => {
    await start(topic, 1, [100])
    link.poll(topic)
    await link.caughtUp(topic)
    await link.stopPolling()
    const before = await stateOf({ topic, partition: 0 })
    const told = link.fn.outcomes.length
    await recreate(topic, 1)
    await rig.source.produce(topic, 0, variedRecords(count, 'another life'))
    const poller = link.poll(topic)
    expect(await link.error('INCARNATION_CHANGED', { after: told })).toContain(`${topic}-0`)
    await eventually('the batch to be tried again', () => poller.stats().retries >= 2, { withinMs: 20_000 })
    expect(await stateOf({ topic, partition: 0 })).toEqual(before)
    expect(poller.stats()).toMatchObject({ records: 0 })
    expect(link.fn.outcomes.slice(told).filter(({ error }) => error === undefined)).toEqual([])
    await link.stopPolling()
  })

  it('stops the running poller too, and the neighbouring topic goes on', async () => {
    await start('under-way', 1, [60])
    await start('neighbour', 1, [10])
    for (const topic of ['under-way', 'neighbour']) link.poll(topic)
    for (const topic of ['under-way', 'neighbour']) await link.caughtUp(topic)
    const before = await stateOf({ topic: 'under-way', partition: 0 })
    const told = link.fn.outcomes.length
    await recreate('under-way', 1)
    await rig.source.produce('under-way', 0, variedRecords(20, 'another life'))
    await link.error('INCARNATION_CHANGED', { after: told })
    await rig.source.produce('neighbour', 0, variedRecords(15, 'meanwhile'))
    await eventually(
      'the neighbour to go on',
      async () => (await link.head({ topic: 'neighbour', partition: 0 }))?.nextSource === 25n,
      { withinMs: 20_000 },
    )
    expect(await stateOf({ topic: 'under-way', partition: 0 })).toEqual(before)
    expect(await link.judge('neighbour')).toEqual({ ...FLAWLESS, records: 25 })
    await link.stopPolling()
  })
})

describe('records that retention takes before they were replicated', () => {
  it('are a gap of kind lost with exact bounds, and replication goes on behind it', async () => {
    await start('expiring', 2, [50, 30])
    link.poll('expiring')
    await link.caughtUp('expiring')
    await link.stopPolling()
    const told = link.fn.outcomes.length
    for (const partition of [0, 1]) await rig.source.produce('expiring', partition, variedRecords(100, 'unseen'))
    const sources = await rig.source.logs('expiring')
    await rig.source.deleteBelow('expiring', 0, 93n)
    link.poll('expiring')
    await link.caughtUp('expiring')
    expect(await link.gaps({ topic: 'expiring', partition: 0 })).toMatchObject([
      { kind: 'lost', from: 50n, to: 93n, reason: expect.stringContaining('93') },
    ])
    expect(await link.gaps({ topic: 'expiring', partition: 1 })).toEqual([])
    const outcomes = link.fn.outcomes.slice(told)
    expect(outcomes.filter(({ lost }) => lost > 0n)).toMatchObject([{ topic: 'expiring', partition: 0, lost: 43n }])
    expect(await link.judge('expiring', { sources })).toEqual({ ...FLAWLESS, records: 280, gaps: 1 })
    const ofLink = linkDimensions(link.config.link)
    const watched = () => link.fn.metricLines.flatMap(metricsIn).filter(({ name }) => name === 'LostRecords')
    await eventually('the metric that the alarm watches', () => watched().length > 0, { withinMs: 20_000 })
    expect(watched().map(({ dimensions, value, unit }) => ({ dimensions, value, unit }))).toEqual([
      { dimensions: ofLink, value: 43, unit: 'Count' },
      { dimensions: { ...ofLink, topic: 'expiring' }, value: 43, unit: 'Count' },
    ])
  })

  it('are lost only where the log no longer has them: a gap ends where retention stopped', async () => {
    await start('expiring-twice', 1, [20])
    link.poll('expiring-twice')
    await link.caughtUp('expiring-twice')
    await link.stopPolling()
    await rig.source.produce('expiring-twice', 0, variedRecords(40, 'unseen'))
    const sources = await rig.source.logs('expiring-twice')
    for (const offset of [30n, 41n]) await rig.source.deleteBelow('expiring-twice', 0, offset)
    link.poll('expiring-twice')
    await link.caughtUp('expiring-twice')
    expect(await link.gaps({ topic: 'expiring-twice', partition: 0 })).toMatchObject([{ from: 20n, to: 41n }])
    expect(await link.judge('expiring-twice', { sources })).toEqual({ ...FLAWLESS, records: 60, gaps: 1 })
  })

  it('are no gap when they were replicated: retention up to the checkpoint, where a marker stands, loses nothing', async () => {
    await start('expired-in-time', 1, [])
    await produceHoles(rig.source, 'expired-in-time', { partitions: 1, transactions: 3 })
    link.poll('expired-in-time')
    await link.caughtUp('expired-in-time')
    await link.stopPolling()
    await rig.source.produce('expired-in-time', 0, variedRecords(10, 'unseen'))
    const sources = await rig.source.logs('expired-in-time')
    await rig.source.deleteBelow('expired-in-time', 0, 5n)
    link.poll('expired-in-time')
    await link.caughtUp('expired-in-time')
    expect(await link.gaps({ topic: 'expired-in-time', partition: 0 })).toEqual([])
    expect(await link.judge('expired-in-time', { sources })).toEqual({ ...FLAWLESS, records: 13 })
  })

  it('are no gap when the link had not begun: it begins where the log does', async () => {
    await start('begun-late', 1, [50])
    await rig.source.deleteBelow('begun-late', 0, 20n)
    link.poll('begun-late')
    await link.caughtUp('begun-late')
    expect(await link.gaps({ topic: 'begun-late', partition: 0 })).toEqual([])
    expect(await link.judge('begun-late')).toEqual({ ...FLAWLESS, records: 30 })
  })
})

describe('a source that grows before the target', () => {
  const grow = (of: Rig['source'], topic: string, count: number) =>
    of.administer((admin) => admin.createPartitions({ topicPartitions: [{ topic, count }] }))

  it('lets its new partition wait, misplaces nothing, and goes on once the target has grown', async () => {
    await start('growing', 2, [30, 30])
    link.poll('growing', { provisioned: true })
    await link.caughtUp('growing')
    const told = link.fn.outcomes.length
    await grow(rig.source, 'growing', 3)
    await rig.source.untilServed('growing')
    await rig.source.forget()
    await rig.source.produce('growing', 2, variedRecords(30, 'new partition'))
    expect(await link.error('TARGET_PARTITION_MISSING', { after: told })).toContain('growing-2')
    for (const partition of [0, 1]) await rig.source.produce('growing', partition, variedRecords(30, 'meanwhile'))
    for (const partition of [0, 1])
      await eventually(
        `partition ${partition} to go on`,
        async () => (await link.head({ topic: 'growing', partition }))?.nextSource === 60n,
        { withinMs: 20_000 },
      )
    expect(await link.head({ topic: 'growing', partition: 2 })).toMatchObject({ nextSource: 0n, openRuns: [] })
    const ends = (await rig.target.logs(link.targetTopic('growing'))).map(({ logEnd }) => logEnd)
    expect(ends).toEqual([60n, 60n])
    await grow(rig.target, link.targetTopic('growing'), 3)
    await link.caughtUp('growing')
    expect(await link.judge('growing')).toEqual({ ...FLAWLESS, records: 150 })
  })
})
