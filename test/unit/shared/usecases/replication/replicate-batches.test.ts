import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { type Gap, INITIAL_STATUS } from '../../../../../shared/domain/head.ts'
import { PROVENANCE_HEADER, sift } from '../../../../../shared/domain/provenance.ts'
import type { PartitionBatch } from '../../../../../shared/domain/record.ts'
import { replicateBatches } from '../../../../../shared/usecases/replication/replicate-batches.ts'
import type { ReplicateDeps } from '../../../../../shared/usecases/replication/replicate-partition.ts'
import { FakeLinkState } from '../../../../fakes/link-state.ts'
import { FakeQuarantine } from '../../../../fakes/quarantine.ts'
import { FakeSourceLog } from '../../../../fakes/source-log.ts'
import { FakeTargetLog } from '../../../../fakes/target-log.ts'
import { batchOf, deadlinesInTime, offsets, polled } from '../../../../support/polled.ts'

const orders = { topic: 'orders', partition: 0 }
const payments = { topic: 'orders', partition: 1 }

describe('replicating batches', () => {
  let target: FakeTargetLog
  let source: FakeSourceLog
  let state: FakeLinkState
  let deps: ReplicateDeps
  const alarms: Gap[] = []

  beforeEach(() => {
    alarms.length = 0
    target = new FakeTargetLog()
    source = new FakeSourceLog()
    state = new FakeLinkState()
    target.createTopic('west.orders', 2)
    source.createTopic('orders', 2, 'incarnation-1')
    deps = {
      target,
      source,
      state,
      quarantine: undefined,
      clock: Date,
      alarm: (_, gap) => void alarms.push(gap),
      targetTopic: (topic) => `west.${topic}`,
      provenance: false,
    }
  })

  const replicate = (...batches: PartitionBatch[]) => replicateBatches(batches, deadlinesInTime(), deps)
  const replicateOne = async (batch: PartitionBatch) => (await replicate(batch))[0]
  const onTarget = (partition = 0) => target.records('west.orders', partition).map(({ offset }) => offset)
  const codeOf = async (batch: PartitionBatch) => (await replicateOne(batch))?.error?.code

  it('appends a first batch and remembers incarnation, checkpoint and run', async () => {
    expect(await replicateOne(batchOf(offsets(0, 9)))).toMatchObject({ replicated: 10, redelivered: 0 })
    expect(onTarget()).toEqual(offsets(0, 9))
    expect(state.head(orders)).toMatchObject({
      incarnation: 'incarnation-1',
      nextSource: 10n,
      nextTarget: 10n,
      openRuns: [{ source: 0n, target: 0n, length: 10n }],
      last: { source: 9n },
      unverifiedFrom: undefined,
    })
  })

  it('asks the source nothing while the checkpoint can tell', async () => {
    await replicate(batchOf(offsets(0, 4)))
    const asked = source.asked
    await replicate(batchOf(offsets(5, 9)))
    await replicate(batchOf(offsets(7, 12)))
    expect(source.asked).toBe(asked)
    expect(onTarget()).toEqual(offsets(0, 12))
  })

  it('filters a redelivery, whole or cut differently, and changes nothing', async () => {
    await replicate(batchOf(offsets(0, 9)))
    const before = state.head(orders)
    expect(await replicateOne(batchOf(offsets(0, 9)))).toMatchObject({ replicated: 0, redelivered: 10, stateWrites: 0 })
    expect(await replicateOne(batchOf(offsets(3, 5)))).toMatchObject({ replicated: 0, redelivered: 3 })
    expect(onTarget()).toEqual(offsets(0, 9))
    expect(state.head(orders)).toEqual(before)
  })

  it('replicates the partitions beside one that fails, and reports each', async () => {
    await replicate(batchOf([0]), batchOf([0], { partition: 1 }))
    target.faults.push({
      error: new ReplicationError('TARGET_UNREACHABLE', 'test'),
      afterRecords: 0,
      acknowledged: true,
    })
    const outcomes = await replicate(batchOf([1]), batchOf([1], { partition: 1 }))
    expect(outcomes.map(({ error }) => error?.code)).toEqual(['TARGET_UNREACHABLE', undefined])
    expect(state.head(orders)?.nextSource).toBe(1n)
    expect(state.head(payments)?.nextSource).toBe(2n)
  })

  it('remembers what was acknowledged before a failure', async () => {
    target.faults.push({
      error: new ReplicationError('TARGET_UNREACHABLE', 'test'),
      afterRecords: 4,
      acknowledged: true,
    })
    expect(await replicateOne(batchOf(offsets(0, 9)))).toMatchObject({
      replicated: 4,
      error: { code: 'TARGET_UNREACHABLE' },
    })
    expect(state.head(orders)?.nextSource).toBe(4n)
    await replicate(batchOf(offsets(0, 9)))
    expect(onTarget()).toEqual(offsets(0, 9))
  })

  it('appends again after an unknown outcome, and the map points at the later copy', async () => {
    target.faults.push({
      error: new ReplicationError('APPEND_OUTCOME_UNKNOWN', 'test'),
      afterRecords: 5,
      acknowledged: false,
    })
    expect(await codeOf(batchOf(offsets(0, 4)))).toBe('APPEND_OUTCOME_UNKNOWN')
    expect(state.head(orders)).toMatchObject({ nextSource: 0n, openRuns: [] })
    await replicate(batchOf(offsets(0, 4)))
    expect(onTarget()).toEqual([...offsets(0, 4), ...offsets(0, 4)])
    expect(state.head(orders)?.openRuns).toEqual([{ source: 0n, target: 5n, length: 5n }])
  })

  it('counts target offsets that no run covers', async () => {
    await replicate(batchOf(offsets(0, 4)))
    target.writeForeign('west.orders', 0, polled(99))
    expect(await replicateOne(batchOf(offsets(5, 6)))).toMatchObject({ unmapped: 1n })
  })

  it('stops after one batch on a target that lost acknowledged records, and does not append again and again', async () => {
    await replicate(batchOf(offsets(0, 9)))
    target.createTopic('west.orders', 2)
    expect(await codeOf(batchOf(offsets(10, 12)))).toBe('TARGET_REWOUND')
    expect(state.head(orders)).toMatchObject({ nextSource: 10n, nextTarget: 10n, rewoundTo: 0n })
    const appends = target.appends
    expect(await codeOf(batchOf(offsets(10, 12)))).toBe('TARGET_REWOUND')
    expect(target.appends).toBe(appends)
  })

  describe('a target that is created again in mid-batch', () => {
    /** Between the record that goes into quarantine and the one behind it. */
    const recreateBehind = (offset: number) => {
      deps = { ...deps, quarantine: new FakeQuarantine() }
      target.refuses = (record) => {
        if (record.offset !== offset) return false
        queueMicrotask(() => target.createTopic('west.orders', 2))
        return true
      }
    }

    it.each([
      ['has a checkpoint', offsets(0, 9), offsets(10, 15), 12, 12n],
      ['has none yet', [], offsets(0, 5), 2, 2n],
    ])('stops a partition that %s after one batch', async (_what, before, batch, refused, acknowledged) => {
      if (before.length > 0) await replicate(batchOf(before))
      recreateBehind(refused)
      expect(await codeOf(batchOf(batch))).toBe('TARGET_REWOUND')
      const [first = 0] = batch
      expect(state.head(orders)).toMatchObject({ nextSource: BigInt(first), nextTarget: acknowledged, rewoundTo: 0n })
      const appends = target.appends
      expect((await replicateOne(batchOf(batch)))?.error?.message).toContain(`up to ${acknowledged - 1n}`)
      expect(target.appends).toBe(appends)
    })
  })

  describe('a partition whose first batch does not get through', () => {
    beforeEach(async () => {
      target.logs.clear()
      source.deleteRecordsBefore(orders, 3n)
      expect(await codeOf(batchOf(offsets(3, 6)))).toBe('TARGET_TOPIC_UNKNOWN')
      target.createTopic('west.orders', 2)
    })

    it('has a checkpoint at the first offset that there was', () => {
      expect(state.head(orders)).toMatchObject({ nextSource: 3n, nextTarget: 0n, openRuns: [], last: undefined })
    })

    it('has in the ledger what retention takes meanwhile', async () => {
      source.deleteRecordsBefore(orders, 8n)
      expect(await replicateOne(batchOf(offsets(8, 9)))).toMatchObject({ replicated: 2, lost: 5n })
      expect(await state.gaps(orders)).toMatchObject([{ kind: 'lost', from: 3n, to: 8n }])
    })

    it('goes on at its first record when the target has it, and what others wrote there is not counted', async () => {
      target.writeForeign('west.orders', 0, polled(99))
      expect(await replicateOne(batchOf(offsets(3, 6)))).toMatchObject({ replicated: 4, lost: 0n, unmapped: 0n })
      expect(state.head(orders)).toMatchObject({ nextSource: 7n, openRuns: [{ source: 3n, target: 1n, length: 4n }] })
    })

    it('stops when the topic is another one by then, even one of this minute: what the first one held is nowhere', async () => {
      source.createTopic('orders', 2, 'incarnation-2')
      source.otherIncarnation = async () => undefined
      expect(await codeOf(batchOf(offsets(3, 6)))).toBe('INCARNATION_CHANGED')
    })
  })

  describe('a first batch, which no checkpoint can tell from one of an earlier life', () => {
    const nothingIsThere = (): void => {
      expect(onTarget()).toEqual([])
      expect(state.head(orders)).toBeUndefined()
    }

    it('stops when the source ends before it', async () => {
      source.createTopic('orders', 2, 'incarnation-2')
      source.logEnd = 9n
      expect(await codeOf(batchOf(offsets(0, 9)))).toBe('INCARNATION_CHANGED')
      nothingIsThere()
      source.logEnd = 10n
      expect(await replicateOne(batchOf(offsets(0, 9)))).toMatchObject({ replicated: 10 })
    })

    it('stops while the link follows another life than the source shows', async () => {
      state.followed.set('orders', 'incarnation-2')
      expect(await codeOf(batchOf(offsets(0, 9)))).toBe('INCARNATION_CHANGED')
      nothingIsThere()
      source.createTopic('orders', 2, 'incarnation-2')
      expect(await replicateOne(batchOf(offsets(0, 9)))).toMatchObject({ replicated: 10 })
    })
  })

  describe('another incarnation of the topic', () => {
    beforeEach(async () => {
      await replicate(batchOf(offsets(0, 9)))
      source.createTopic('orders', 2, 'incarnation-2')
    })

    it.each([
      ['a batch that holds the record before the checkpoint, with other bytes', offsets(0, 9), 'second'],
      ['a batch that lies below it', offsets(0, 3), 'second'],
      ['a batch that lies below it with the very same bytes', offsets(0, 3), 'first'],
      ['a batch that has grown past the checkpoint', offsets(5, 15), 'second'],
      ['a batch that begins beyond the checkpoint', offsets(12, 15), 'second'],
      ['a batch that begins right at the checkpoint, where a running poller went on', offsets(10, 12), 'second'],
    ])('stops on %s, and drops and appends nothing', async (_what, which, life) => {
      expect(await codeOf(batchOf(which, { life }))).toBe('INCARNATION_CHANGED')
      expect(onTarget()).toEqual(offsets(0, 9))
      expect(state.head(orders)?.nextSource).toBe(10n)
    })

    it('goes on when the source cannot be asked and the batch begins right at the checkpoint', async () => {
      source.reachable = false
      expect(await replicateOne(batchOf(offsets(10, 12)))).toMatchObject({ replicated: 3 })
    })

    it('does not take a redelivery for one while its proof is in the batch', async () => {
      expect(await replicateOne(batchOf(offsets(5, 9)))).toMatchObject({ redelivered: 5 })
    })
  })

  it('stops when the source ends below the checkpoint: what was replicated is not there any more', async () => {
    await replicate(batchOf(offsets(0, 9)))
    source.logEnd = 8n
    expect(await codeOf(batchOf(offsets(6, 7), { life: 'second' }))).toBe('SOURCE_TRUNCATED')
    source.logEnd = 10n
    expect(await replicateOne(batchOf(offsets(6, 7)))).toMatchObject({ redelivered: 2 })
  })

  it('never drops on suspicion: without proof and without the source it fails', async () => {
    await replicate(batchOf(offsets(0, 9)))
    source.reachable = false
    expect(await codeOf(batchOf(offsets(0, 3)))).toBe('SOURCE_UNREACHABLE')
  })

  describe('what retention took before the first record came', () => {
    it('is lost from the first look at the log on', async () => {
      state.firstStarts.set('orders-0', { incarnation: 'incarnation-1', start: 2n })
      source.deleteRecordsBefore(orders, 8n)
      expect(await replicateOne(batchOf([9, 10]))).toMatchObject({ replicated: 2, lost: 6n })
      expect(await state.gaps(orders)).toMatchObject([{ kind: 'lost', from: 2n, to: 8n, incarnation: 'incarnation-1' }])
      expect(alarms).toMatchObject([{ kind: 'lost', from: 2n, to: 8n }])
    })

    it.each([
      ['nobody looked', undefined],
      ['the look was at another life of the topic', { incarnation: 'incarnation-0', start: 2n }],
      ['nothing went since', { incarnation: 'incarnation-1', start: 8n }],
    ])('is none when %s', async (_what, first) => {
      if (first !== undefined) state.firstStarts.set('orders-0', first)
      source.deleteRecordsBefore(orders, 8n)
      expect(await replicateOne(batchOf([9, 10]))).toMatchObject({ replicated: 2, lost: 0n })
      expect(await state.gaps(orders)).toEqual([])
    })

    it('waits for the answer, rather than to begin without it', async () => {
      state.faults.push({
        method: 'firstStart',
        error: new ReplicationError('STATE_THROTTLED', 'test'),
        applied: false,
      })
      expect(await codeOf(batchOf([9]))).toBe('STATE_THROTTLED')
      expect(state.head(orders)).toBeUndefined()
    })
  })

  describe('missing offsets', () => {
    beforeEach(() => replicate(batchOf(offsets(0, 4))))

    it('are holes above the log start, not yet verified', async () => {
      expect(await replicateOne(batchOf([7, 9]))).toMatchObject({ replicated: 2, lost: 0n })
      expect(state.head(orders)).toMatchObject({ unverifiedFrom: 5n, nextSource: 10n })
      expect(await state.gaps(orders)).toEqual([])
    })

    it('are lost below the log start, with exact bounds, and a hole above it', async () => {
      source.deleteRecordsBefore(orders, 8n)
      expect(await replicateOne(batchOf([9, 10]))).toMatchObject({ replicated: 2, lost: 3n })
      expect(await state.gaps(orders)).toMatchObject([{ kind: 'lost', from: 5n, to: 8n, incarnation: 'incarnation-1' }])
      expect(state.head(orders)).toMatchObject({ unverifiedFrom: 8n })
    })

    it('are told to the alarm before the checkpoint passes them, also when it never does', async () => {
      source.deleteRecordsBefore(orders, 8n)
      state.faults.push({ method: 'advance', error: new ReplicationError('STATE_THROTTLED', 'test'), applied: false })
      expect(await codeOf(batchOf([9]))).toBe('STATE_THROTTLED')
      expect(alarms).toMatchObject([{ kind: 'lost', from: 5n, to: 8n }])
    })

    it('are no redelivery when they are delivered after all: they stop the partition, and nothing is dropped', async () => {
      await replicate(batchOf(offsets(10, 14)))
      expect(await codeOf(batchOf(offsets(5, 9)))).toBe('HOLE_NOT_EMPTY')
      expect(await codeOf(batchOf([5]))).toBe('HOLE_NOT_EMPTY')
      expect(await codeOf(batchOf(offsets(3, 14)))).toBe('HOLE_NOT_EMPTY')
      expect(await replicateOne(batchOf(offsets(10, 14)))).toMatchObject({ redelivered: 5 })
      expect(await replicateOne(batchOf([2, 4, 12]))).toMatchObject({ redelivered: 3 })
    })

    it('are told from what was replicated, also when that has moved into pages or into quarantine', async () => {
      deps = { ...deps, quarantine: new FakeQuarantine() }
      target.refuses = ({ offset }) => offset === 11
      const holed = Array.from({ length: 400 }, (_, at) => 7 + 2 * at)
      await replicate(batchOf(holed))
      await replicate(batchOf([1_000]))
      expect(await replicateOne(batchOf([7, 9, 11]))).toMatchObject({ redelivered: 3 })
      expect(await codeOf(batchOf([8]))).toBe('HOLE_NOT_EMPTY')
      expect(await codeOf(batchOf([12]))).toBe('HOLE_NOT_EMPTY')
    })

    it('are told from thousands of runs in pages with one read a page', async () => {
      const holed = Array.from({ length: 4_000 }, (_, at) => 7 + 2 * at)
      await replicate(batchOf(holed))
      await replicate(batchOf([10_000]))
      const { length: pages } = state.pages(orders, 'incarnation-1')
      state.calls.clear()
      expect(await replicateOne(batchOf(holed))).toMatchObject({ redelivered: 4_000 })
      expect(pages).toBeGreaterThan(1)
      expect(state.calls.get('pageAtSource')).toBe(pages)
    })

    it('are told from what is in quarantine with one look into the ledger', async () => {
      deps = { ...deps, quarantine: new FakeQuarantine() }
      target.refuses = ({ offset }) => offset < 100
      await replicate(batchOf([...offsets(7, 99), 101]))
      expect(await replicateOne(batchOf(offsets(7, 99)))).toMatchObject({ redelivered: 93 })
      expect(state.calls.get('gaps')).toBe(1)
    })

    it('are lost between two records of one batch too', async () => {
      source.deleteRecordsBefore(orders, 8n)
      await replicate(batchOf([5, 8]))
      expect(await state.gaps(orders)).toMatchObject([{ kind: 'lost', from: 6n, to: 8n }])
    })

    it('are not accepted while the source cannot be asked', async () => {
      source.reachable = false
      expect(await codeOf(batchOf([7]))).toBe('SOURCE_UNREACHABLE')
      expect(onTarget()).toEqual(offsets(0, 4))
    })
  })

  it('does not call lost what retention took before the link began', async () => {
    source.deleteRecordsBefore(orders, 100n)
    expect(await replicateOne(batchOf(offsets(100, 101)))).toMatchObject({ replicated: 2, lost: 0n })
    expect(state.head(orders)?.unverifiedFrom).toBeUndefined()
  })

  it('begins at the first record when retention has overtaken it meanwhile', async () => {
    source.deleteRecordsBefore(orders, 100n)
    expect(await replicateOne(batchOf(offsets(50, 51)))).toMatchObject({ replicated: 2, lost: 0n })
  })

  it('keeps the first unverified hole when another one comes', async () => {
    await replicate(batchOf([0, 2]))
    await replicate(batchOf([4]))
    expect(state.head(orders)?.unverifiedFrom).toBe(1n)
  })

  describe('a record that the target refuses', () => {
    beforeEach(() => {
      target.refuses = ({ offset }) => offset === 3 || offset === 4
    })

    it('halts its partition at that record', async () => {
      expect(await replicateOne(batchOf(offsets(0, 6)))).toMatchObject({
        replicated: 3,
        error: { code: 'RECORD_REFUSED' },
      })
      expect(state.head(orders)?.nextSource).toBe(3n)
      expect(await codeOf(batchOf(offsets(0, 6)))).toBe('RECORD_REFUSED')
      expect(onTarget()).toEqual(offsets(0, 2))
    })

    it('goes into quarantine with a gap, and replication goes on', async () => {
      const quarantine = new FakeQuarantine()
      deps = { ...deps, quarantine }
      expect(await replicateOne(batchOf(offsets(0, 6)))).toMatchObject({ replicated: 5, quarantined: 2 })
      expect(onTarget()).toEqual([0, 1, 2, 5, 6])
      expect((await state.gaps(orders)).map(({ kind, from, to }) => [kind, from, to])).toEqual([
        ['quarantined', 3n, 4n],
        ['quarantined', 4n, 5n],
      ])
      expect([...quarantine.kept.values()].map(({ record }) => record)).toEqual([polled(3), polled(4)])
      expect(state.head(orders)).toMatchObject({ nextSource: 7n, unverifiedFrom: undefined })
    })

    it('goes into quarantine alone', async () => {
      deps = { ...deps, quarantine: new FakeQuarantine() }
      await replicate(batchOf([0]))
      await replicate(batchOf(offsets(1, 2)))
      expect(await replicateOne(batchOf([3]))).toMatchObject({ replicated: 0, quarantined: 1 })
      expect(state.head(orders)).toMatchObject({ nextSource: 4n, nextTarget: 3n })
    })

    it('waits when the bucket cannot be reached, and what came before it is remembered', async () => {
      const quarantine = new FakeQuarantine()
      quarantine.reachable = false
      deps = { ...deps, quarantine }
      expect(await replicateOne(batchOf(offsets(0, 6)))).toMatchObject({
        replicated: 3,
        error: { code: 'QUARANTINE_UNREACHABLE' },
      })
      expect(state.head(orders)?.nextSource).toBe(3n)
    })
  })

  describe('a link with provenance', () => {
    /** `polled` records of which those at `fromTarget` came from the target. */
    const mixed = (which: readonly number[], fromTarget: readonly number[]): PartitionBatch => {
      const hop = { source: target.id, target: source.id, sourceTopic: 'orders', targetTopic: 'orders', partition: 0 }
      const [first, ...others] = which.flatMap((offset) =>
        fromTarget.includes(offset) ? sift([polled(offset)], hop).onward : [polled(offset)],
      )
      if (first === undefined) throw new RangeError('a batch has at least one record')
      return { ...orders, records: [first, ...others] }
    }
    const openRuns = () => state.head(orders)?.openRuns

    beforeEach(() => {
      deps = { ...deps, provenance: true }
    })

    it('leaves out what came from the target, counts it, and has it in the map', async () => {
      expect(await replicateOne(mixed(offsets(0, 6), [1, 2, 4]))).toMatchObject({
        replicated: 4,
        looped: 3,
        redelivered: 0,
      })
      expect(onTarget()).toEqual([0, 3, 5, 6])
      expect(openRuns()).toEqual([
        { source: 0n, target: 0n, length: 1n },
        { source: 1n, target: 1n, length: 2n, looped: true },
        { source: 3n, target: 1n, length: 1n },
        { source: 4n, target: 2n, length: 1n, looped: true },
        { source: 5n, target: 2n, length: 2n },
      ])
      expect(state.head(orders)).toMatchObject({ nextSource: 7n, nextTarget: 4n, unverifiedFrom: undefined })
      expect(await state.gaps(orders)).toEqual([])
    })

    it('brings what came from the target where that was emptied, batch by batch, and no more than was there', async () => {
      const { incarnation } = await source.describe(orders)
      const begun = {
        incarnation,
        nextSource: 0n,
        nextTarget: 0n,
        openRuns: [],
        last: undefined,
        unverifiedFrom: undefined,
      }
      await state.advance(orders, undefined, { ...begun, refillBelow: 5n, epoch: 0, updatedAt: 1 })
      const all = offsets(0, 7)
      expect(await replicateOne(mixed(offsets(0, 2), all))).toMatchObject({ replicated: 3, looped: 0 })
      expect(state.head(orders)).toMatchObject({ nextSource: 3n, refillBelow: 5n })
      expect(await replicateOne(mixed(offsets(1, 3), all))).toMatchObject({ replicated: 1, looped: 0, redelivered: 2 })
      expect(await replicateOne(mixed([4], all))).toMatchObject({ replicated: 1, looped: 0 })
      expect(state.head(orders)).not.toHaveProperty('refillBelow')
      expect(await replicateOne(mixed(offsets(5, 7), all))).toMatchObject({ replicated: 0, looped: 3 })
      expect(onTarget()).toEqual(offsets(0, 4))
    })

    it('moves the checkpoint over a batch that looped whole with one write and no append', async () => {
      await replicate(mixed([0], []))
      const appends = target.appends
      expect(await replicateOne(mixed(offsets(1, 5), offsets(1, 5)))).toMatchObject({
        replicated: 0,
        looped: 5,
        stateWrites: 1,
        bytes: 0,
      })
      expect(target.appends).toBe(appends)
      expect(state.head(orders)).toMatchObject({ nextSource: 6n, nextTarget: 1n, last: { source: 5n } })
    })

    it('filters the redelivery of a batch that ends in a looped record, and knows another life of the topic by it', async () => {
      await replicate(mixed(offsets(0, 4), [3, 4]))
      const asked = source.asked
      expect(await replicateOne(mixed(offsets(0, 4), [3, 4]))).toMatchObject({
        redelivered: 5,
        looped: 0,
        stateWrites: 0,
      })
      expect(await replicateOne(mixed(offsets(2, 6), [3, 4, 6]))).toMatchObject({
        redelivered: 3,
        looped: 1,
        replicated: 1,
      })
      expect(source.asked).toBe(asked)
      expect(onTarget()).toEqual([0, 1, 2, 5])
      expect(await codeOf(mixed([6], []))).toBe('INCARNATION_CHANGED')
    })

    it('remembers what looped before the record that failed, and nothing after it', async () => {
      const error = new ReplicationError('TARGET_UNREACHABLE', 'test')
      target.faults.push({ error, afterRecords: 1, acknowledged: true })
      const batch = mixed(offsets(0, 6), [0, 2, 3, 5])
      expect(await replicateOne(batch)).toMatchObject({ replicated: 1, looped: 3, error: { code: error.code } })
      expect(state.head(orders)).toMatchObject({ nextSource: 4n, nextTarget: 1n })
      expect(await replicateOne(batch)).toMatchObject({ replicated: 2, looped: 1, redelivered: 4 })
      expect(onTarget()).toEqual([1, 4, 6])
    })

    it('keeps records in quarantine as they were to be appended, so that they do not loop when they are put back', async () => {
      const quarantine = new FakeQuarantine()
      deps = { ...deps, quarantine }
      target.refuses = ({ offset }) => offset === 2
      expect(await replicateOne(mixed(offsets(0, 3), [1]))).toMatchObject({ replicated: 2, looped: 1, quarantined: 1 })
      expect([...quarantine.kept.values()].map(({ record }) => record.headers.map(({ name }) => name))).toEqual([
        [PROVENANCE_HEADER],
      ])
      expect(state.head(orders)).toMatchObject({ nextSource: 4n, unverifiedFrom: undefined })
    })

    it('does not take a looped record for one that was never replicated', async () => {
      await replicate(mixed([0, 2, 3, 4], [3]))
      expect(await replicateOne(mixed([3, 4], [3]))).toMatchObject({ redelivered: 2 })
      expect(await codeOf(mixed([1, 4], []))).toBe('HOLE_NOT_EMPTY')
    })

    it('counts headers that are not what they seem, and replicates their records', async () => {
      const batch = batchOf([0])
      const headers = [{ name: PROVENANCE_HEADER, value: [1] }]
      const records = [{ ...batch.records[0], headers }] as const
      expect(await replicateOne({ ...batch, records })).toMatchObject({ replicated: 1, looped: 0, untrusted: 1 })
    })

    it('does not take the own records of the target for copies', async () => {
      await replicate(batchOf([0]))
      target.writeForeign('west.orders', 0, polled(99))
      expect(await replicateOne(batchOf([1]))).toMatchObject({ replicated: 1, unmapped: 0n })
    })

    it('refuses two names for one cluster before anything is appended', async () => {
      source.id = target.id
      expect(await codeOf(batchOf([0]))).toBe('SAME_CLUSTER')
      expect(target.appends).toBe(0)
    })

    it('writes to no header and asks for no cluster id where there is none', async () => {
      deps = { ...deps, provenance: false }
      target.clusterId = source.clusterId = () => expect.fail('nobody has to know')
      const batch = mixed(offsets(0, 2), [1])
      expect(await replicateOne(batch)).toMatchObject({ replicated: 3, looped: 0, untrusted: 0 })
      expect(target.records('west.orders', 0).map(({ headers }) => headers)).toEqual(
        batch.records.map(({ headers }) => headers),
      )
    })
  })

  describe('the state of the link', () => {
    it.each(['stopped', 'paused'] as const)('refuses a batch while it is %s', async (mode) => {
      state.status = { ...INITIAL_STATUS, mode }
      expect(await codeOf(batchOf([0]))).toBe('LINK_NOT_FORWARDING')
      expect(onTarget()).toEqual([])
    })

    it('replicates while it drains', async () => {
      state.status = { ...INITIAL_STATUS, mode: 'draining' }
      expect(await codeOf(batchOf([0]))).toBeUndefined()
    })

    it('refuses a checkpoint of a later epoch before anything is appended', async () => {
      state.status = { ...INITIAL_STATUS, epoch: 2 }
      await replicate(batchOf([0]))
      state.status = { ...INITIAL_STATUS, epoch: 1 }
      expect(await codeOf(batchOf([1]))).toBe('EPOCH_STALE')
      expect(onTarget()).toEqual([0])
    })

    it('fails every partition when it cannot be read', async () => {
      state.faults.push({ method: 'read', error: new ReplicationError('STATE_UNREACHABLE', 'test'), applied: false })
      const outcomes = await replicate(batchOf([0]), batchOf([0], { partition: 1 }))
      expect(outcomes.map(({ error }) => error?.code)).toEqual(['STATE_UNREACHABLE', 'STATE_UNREACHABLE'])
      expect(target.appends).toBe(0)
    })

    it('stops the one partition whose head makes no sense, and appends nothing to it', async () => {
      state.malformed.set('orders-0', new ReplicationError('STATE_MALFORMED', 'test'))
      const outcomes = await replicate(batchOf([0]), batchOf([0], { partition: 1 }))
      expect(outcomes.map(({ error }) => error?.code)).toEqual(['STATE_MALFORMED', undefined])
      expect([onTarget(0), onTarget(1)]).toEqual([[], [0]])
    })

    it('lets one of two invocations of the same batch win; the other fails and its redelivery is filtered', async () => {
      const outcomes = await Promise.all([replicate(batchOf(offsets(0, 4))), replicate(batchOf(offsets(0, 4)))])
      expect(outcomes.flat().map(({ error }) => error?.code)).toEqual([undefined, 'CHECKPOINT_MOVED'])
      expect(await replicateOne(batchOf(offsets(0, 4)))).toMatchObject({ redelivered: 5 })
    })

    it('seals pages of what was durable before, and costs one write otherwise', async () => {
      const holed = (from: number) => Array.from({ length: 400 }, (_, at) => from + 2 * at)
      expect(await replicateOne(batchOf([0]))).toMatchObject({ stateWrites: 2 })
      expect(await replicateOne(batchOf(holed(2)))).toMatchObject({ stateWrites: 1 })
      expect(await replicateOne(batchOf(holed(802)))).toMatchObject({ stateWrites: 2 })
    })
  })

  it('says since when a failing partition stands still, but not of a quiet one', async () => {
    let now = 1_800_000_000_000
    deps = { ...deps, clock: { now: () => now } }
    await replicate(batchOf([0]))
    now += 90_000
    target.faults.push({
      error: new ReplicationError('TARGET_UNREACHABLE', 'test'),
      afterRecords: 0,
      acknowledged: true,
    })
    const fresh = { ...polled(1), timestamp: now - 1_000 }
    expect(await replicateOne({ ...orders, records: [fresh] })).toMatchObject({ standstillMs: 1_000 })
    target.faults.push({
      error: new ReplicationError('TARGET_UNREACHABLE', 'test'),
      afterRecords: 0,
      acknowledged: true,
    })
    expect(await replicateOne(batchOf([1]))).toMatchObject({ standstillMs: 90_000 })
    target.faults.push({
      error: new ReplicationError('TARGET_UNREACHABLE', 'test'),
      afterRecords: 0,
      acknowledged: true,
    })
    const early = { ...polled(1), timestamp: now + 86_400_000 }
    expect(await replicateOne({ ...orders, records: [early] })).toMatchObject({ standstillMs: 90_000 })
    target.faults.push({
      error: new ReplicationError('TARGET_UNREACHABLE', 'test'),
      afterRecords: 0,
      acknowledged: true,
    })
    const neverBegun = { ...polled(0), timestamp: now - 7_000 }
    expect(await replicateOne({ ...payments, records: [neverBegun] })).toMatchObject({ standstillMs: 0 })
    now += 5_000
    source.reachable = false
    expect(await replicateOne({ ...payments, records: [neverBegun] })).toMatchObject({ standstillMs: 5_000 })
  })

  it('names an error of ours as such and keeps its cause', async () => {
    deps = {
      ...deps,
      targetTopic: () => {
        throw new TypeError('boom')
      },
    }
    const outcome = await replicateOne(batchOf([0]))
    expect(outcome?.error).toMatchObject({ code: 'UNEXPECTED', cause: { message: 'boom' } })
  })
})
