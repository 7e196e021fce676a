import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KillPoint } from '../../local/function/function-messages.ts'
import type { Invoke } from '../../local/poller/invocations.ts'
import type { Gap, Head } from '../../shared/domain/head.ts'
import { FLAWLESS } from '../support/flawless.ts'
import { produceHoles } from '../support/holed-topic.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigLink } from '../support/rig-link.ts'
import { largeRecord, variedRecords } from '../support/varied-records.ts'

/** Holes enough for pages, and a record that the target refuses, in the midst of others. */
const TOPIC = 'eventful'
const PARTITION = { topic: TOPIC, partition: 0 }
const TRANSACTIONS = 120
const REFUSED_BYTES = 5_000
const REFUSED_AT_TARGET = { 'max.message.bytes': '3000' }

/** After one request is before the next one; the points between are killed at in `replicate-exactly-once.test.ts`. */
const MATRIX: readonly (readonly [KillPoint['when'], KillPoint['call']])[] = [
  ['after', 'InitProducerId'],
  ['after', 'AddPartitionsToTxn'],
  ['after', 'Produce'],
  ['after', 'AddOffsetsToTxn'],
  ['after', 'TxnOffsetCommit'],
  ['after', 'EndTxn'],
  ['after', 'advance'],
  ['after', 'keep'],
]

let rig: Rig
let uncrashed: RigLink
beforeAll(async () => {
  rig = await startRig('exactly-once', { aws: true })
  await rig.source.createTopic(TOPIC)
  await produceHoles(rig.source, TOPIC, { partitions: 1, transactions: TRANSACTIONS })
  await rig.source.produce(TOPIC, 0, [...variedRecords(15, 'before'), largeRecord(REFUSED_BYTES, 'refused')])
  await rig.source.produce(TOPIC, 0, variedRecords(15, 'after'))
  uncrashed = await replicating()
  await uncrashed.caughtUp(TOPIC)
})
afterAll(() => rig?.stop())

const replicating = async (prepare: (link: RigLink) => Promise<void> = async () => undefined): Promise<RigLink> => {
  const link = await rig.link({ delivery: 'exactly-once', onPoison: 'quarantine' })
  await link.target.createTopic(link.targetTopic(TOPIC), { settings: REFUSED_AT_TARGET })
  await prepare(link)
  link.poll(TOPIC, { batchSize: 60 })
  return link
}

/** Everything that was remembered, but for times and for places on the target, which depend on how often it was tried. */
const remembered = async (link: RigLink) => {
  const head = (await link.head(PARTITION)) ?? expect.unreachable()
  return { head: timeless(head), gaps: (await link.gaps(PARTITION)).map(bounds) }
}
const timeless = ({ nextTarget: _, openRuns, updatedAt: __, ...head }: Head) => ({
  ...head,
  openRuns: openRuns.map(({ source, length }) => ({ source, length })),
})
const bounds = ({ from, to, kind, storedAt }: Gap) => ({ from, to, kind, storedAt })

/** What readers of committed records find, and whether the map leads them to it. */
const judged = async (link: RigLink) =>
  link.judge(TOPIC, { targets: await link.target.committedLogs(link.targetTopic(TOPIC)) })

describe('a link that delivers exactly once', () => {
  it('replicates all there is, with an exact map', async () => {
    const verdict = await judged(uncrashed)
    expect(verdict).toEqual({ ...FLAWLESS, records: verdict.records, gaps: 1 })
    expect(verdict.records).toBeGreaterThan(TRANSACTIONS / 2)
  })

  it.each(MATRIX)('has every record once when the function is killed %s %s', async (when, call) => {
    const link = await replicating((armed) => armed.fn.killAt({ call, when }))
    await link.caughtUp(TOPIC)
    expect(link.fn.deaths).toBe(1)
    const verdict = await judged(link)
    expect(verdict).toEqual({ ...FLAWLESS, records: verdict.records, gaps: 1 })
    expect(await remembered(link)).toEqual(await remembered(uncrashed))
    await link.stop()
  })
})

describe('a batch that is delivered twice', () => {
  it.each([['in-turn'], ['side-by-side']] as const)('%s, to two processes, is there once', async (how) => {
    const link = await rig.link({ delivery: 'exactly-once' })
    const topic = `twice-${how}`
    await rig.source.createTopic(topic, { partitions: 2 })
    await link.target.createTopic(link.targetTopic(topic), { partitions: 2 })
    for (const partition of [0, 1]) await rig.source.produce(topic, partition, variedRecords(60, `${partition}`))
    const other = link.startFunction()
    const turns: Invoke = (payload, options) => (options.why === 'first' ? link.fn : other).invoke(payload, options)
    link.poll(
      topic,
      { batchSize: 20, faults: { seed: 11, deliverTwice: { chance: 1, how } } },
      link.history.watch(turns),
    )
    await link.caughtUp(topic)
    await other.stop()
    expect(other.outcomes.length).toBeGreaterThan(0)
    const targets = await link.target.committedLogs(link.targetTopic(topic))
    expect(await link.judge(topic, { targets })).toEqual({ ...FLAWLESS, records: 120 })
  })
})
