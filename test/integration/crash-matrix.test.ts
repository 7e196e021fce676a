import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KillPoint } from '../../local/function/function-messages.ts'
import { eventually } from '../../local/machine/eventually.ts'
import type { Gap, Head } from '../../shared/domain/head.ts'
import { FLAWLESS, flawlessButForCopies } from '../support/flawless.ts'
import { produceHoles } from '../support/holed-topic.ts'
import { type Rig, startRig } from '../support/replication-rig.ts'
import type { RigLink } from '../support/rig-link.ts'
import { largeRecord, variedRecords } from '../support/varied-records.ts'

/**
 * One topic with everything that makes the function call each of its ports: holes enough for pages, and records that the
 * target refuses, in the midst of others.
 */
const TOPIC = 'eventful'
const PARTITIONS = 2
const TRANSACTIONS = 300
const REFUSED_BYTES = 5_000
const REFUSED_AT_TARGET = { 'max.message.bytes': '3000' }

/** How often an append may be there twice after a death at this point. */
type Duplicates = 'none' | 'some' | 'maybe'

const MATRIX: readonly (readonly [KillPoint['when'], KillPoint['call'], Duplicates])[] = [
  ['before', 'read', 'none'],
  ['after', 'read', 'none'],
  ['before', 'describe', 'none'],
  ['after', 'describe', 'none'],
  ['before', 'begin', 'none'],
  ['after', 'begin', 'none'],
  ['before', 'append', 'none'],
  ['after', 'append', 'some'],
  ['before', 'keep', 'some'],
  ['after', 'keep', 'some'],
  ['before', 'recordGap', 'some'],
  ['after', 'recordGap', 'some'],
  ['before', 'seal', 'some'],
  ['after', 'seal', 'some'],
  ['before', 'advance', 'some'],
  ['after', 'advance', 'maybe'], // the other partition may be between its append and its checkpoint
  ['before', 'answer', 'none'],
]

let rig: Rig
let uncrashed: RigLink
beforeAll(async () => {
  rig = await startRig('crash-matrix', { aws: true })
  await rig.source.createTopic(TOPIC, { partitions: PARTITIONS })
  await produceHoles(rig.source, TOPIC, { partitions: PARTITIONS, transactions: TRANSACTIONS })
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const [before, between, after] = ['before', 'between', 'after'].map((word) => variedRecords(15, word))
    const refused = ['one', 'two'].map((word) => largeRecord(REFUSED_BYTES, word))
    const records = [
      ...(before ?? []),
      ...refused.slice(0, 1),
      ...(between ?? []),
      ...refused.slice(1),
      ...(after ?? []),
    ]
    await rig.source.produce(TOPIC, partition, records)
  }
  uncrashed = await replicating()
  await uncrashed.caughtUp(TOPIC)
})
afterAll(() => rig?.stop())

const replicating = async (prepare: (link: RigLink) => Promise<void> = async () => undefined): Promise<RigLink> => {
  const link = await rig.link({ onPoison: 'quarantine' })
  await link.target.createTopic(link.targetTopic(TOPIC), { partitions: PARTITIONS, settings: REFUSED_AT_TARGET })
  await prepare(link)
  link.poll(TOPIC, { batchSize: 100 })
  return link
}

/** What must not depend on crashes: everything but times and places on the target. */
const remembered = async (link: RigLink) => {
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: TOPIC, partition }))
  const heads = await Promise.all(partitions.map((partition) => link.head(partition)))
  const gaps = await Promise.all(partitions.map((partition) => link.gaps(partition)))
  return { heads: heads.map(timeless), gaps: gaps.map((all) => all.map(bounds)) }
}
const timeless = (head: Head | undefined) =>
  head && { ...head, nextTarget: undefined, openRuns: undefined, updatedAt: undefined }
const bounds = ({ from, to, kind, storedAt }: Gap) => ({ from, to, kind, storedAt })

/** What one delivery to the partitions can have appended twice. */
const inFlight = ({ history }: RigLink): number =>
  Array.from({ length: PARTITIONS }, (_, partition) => history.largestBatch({ topic: TOPIC, partition })).reduce(
    (sum, records) => sum + records,
  )

describe('without a crash', () => {
  it('the topic needs pages and quarantine, and is replicated exactly', async () => {
    const verdict = await uncrashed.judge(TOPIC)
    expect(verdict).toEqual({ ...FLAWLESS, records: verdict.records, gaps: 4 })
    const { heads } = await remembered(uncrashed)
    const head = heads[0] ?? expect.unreachable()
    expect(head.unverifiedFrom).toBe(1n)
    const page = await uncrashed.state.oldestPage({ topic: TOPIC, partition: 0 }, head.incarnation, {
      at: Number.POSITIVE_INFINITY,
      signal: new AbortController().signal,
    })
    expect(page?.runs.length).toBeGreaterThan(50)
  })
})

describe('a function that is killed', () => {
  it.each(MATRIX)(
    '%s %s is invoked again, and nothing but the batch in flight is there twice',
    async (when, call, duplicates) => {
      const link = await replicating((armed) => armed.fn.killAt({ call, when }))
      await link.caughtUp(TOPIC)
      const verdict = await link.judge(TOPIC)
      expect(link.fn.deaths).toBe(1)
      expect(verdict).toEqual({ ...flawlessButForCopies(verdict), records: verdict.records, gaps: 4 })
      expect(await remembered(link)).toEqual(await remembered(uncrashed))
      expect(verdict.duplicates.explained).toBeLessThanOrEqual(inFlight(link))
      if (duplicates === 'none') expect(verdict.duplicates.explained).toBe(0)
      if (duplicates === 'some') expect(verdict.duplicates.explained).toBeGreaterThan(0)
      await link.stop()
    },
  )

  it('again and again, wherever it is, gets there all the same', async () => {
    const link = await replicating()
    for (let deaths = 1; deaths <= 5; deaths++) {
      const invocations = link.history.results.length
      await eventually('the function to run', () => link.history.running > 0, { withinMs: 20_000, everyMs: 1 })
      await link.fn.kill()
      await eventually('the next invocation', () => link.history.results.length > invocations, { withinMs: 20_000 })
    }
    await link.caughtUp(TOPIC)
    const verdict = await link.judge(TOPIC)
    expect(verdict).toMatchObject({
      lost: 0,
      altered: 0,
      reordered: 0,
      phantom: 0,
      mapErrors: 0,
      falseGaps: 0,
      gaps: 4,
    })
    expect(verdict.duplicates.unexplained).toBe(0)
    expect(await remembered(link)).toEqual(await remembered(uncrashed))
  })
})
