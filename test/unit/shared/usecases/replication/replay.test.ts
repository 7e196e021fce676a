import { beforeEach, describe, expect, it } from 'vitest'
import { startWithin } from '../../../../../shared/adapters/running-deadline.ts'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import {
  listQuarantined,
  type ReplayDeps,
  replayQuarantined,
} from '../../../../../shared/usecases/replication/replay.ts'
import { replicateBatches } from '../../../../../shared/usecases/replication/replicate-batches.ts'
import { FakeLinkState } from '../../../../fakes/link-state.ts'
import { FakeQuarantine } from '../../../../fakes/quarantine.ts'
import { FakeSourceLog } from '../../../../fakes/source-log.ts'
import { FakeTargetLog } from '../../../../fakes/target-log.ts'
import { batchOf, deadlinesInTime, offsets, polled } from '../../../../support/polled.ts'

const orders = { topic: 'orders', partition: 0 }
const { append: deadline } = deadlinesInTime()

describe('replaying quarantined records', () => {
  let target: FakeTargetLog
  let state: FakeLinkState
  let quarantine: FakeQuarantine
  let source: FakeSourceLog
  let deps: ReplayDeps

  beforeEach(async () => {
    target = new FakeTargetLog()
    state = new FakeLinkState()
    quarantine = new FakeQuarantine()
    source = new FakeSourceLog()
    target.createTopic('west.orders', 1)
    source.createTopic('orders', 1, 'incarnation-1')
    target.refuses = ({ offset }) => offset === 2 || offset === 4
    deps = {
      state,
      quarantine,
      target,
      clock: { now: () => 7 },
      appendDeadlineMs: 20_000,
      within: startWithin,
      targetTopic: (topic) => `west.${topic}`,
    }
    await deliver(offsets(0, 5))
  })

  const deliver = (which: readonly number[]) =>
    replicateBatches([batchOf(which)], deadlinesInTime(), {
      ...deps,
      state,
      source,
      provenance: false,
      alarm: () => undefined,
    })

  const summary = (replays: readonly { source: bigint; kind: string }[]) =>
    replays.map(({ source, kind }) => [source, kind])

  it('lists what waits, puts it back at the end in order, once', async () => {
    expect(summary(await listQuarantined(orders, deadline, state))).toEqual([
      [2n, 'waiting'],
      [4n, 'waiting'],
    ])
    expect(summary(await replayQuarantined(orders, deadline, deps))).toEqual([
      [2n, 'failed'],
      [4n, 'failed'],
    ])
    target.refuses = ({ offset }) => offset === 4
    expect(await replayQuarantined(orders, deadline, deps)).toMatchObject([
      { source: 2n, kind: 'replayed', target: 4n },
      { source: 4n, kind: 'failed', error: { code: 'RECORD_REFUSED' } },
    ])
    target.refuses = () => false
    target.faults.push({
      error: new ReplicationError('TARGET_UNREACHABLE', 'test'),
      afterRecords: 0,
      acknowledged: true,
    })
    expect(summary(await replayQuarantined(orders, deadline, deps))).toEqual([
      [2n, 'replayed-before'],
      [4n, 'failed'],
    ])
    expect(summary(await replayQuarantined(orders, deadline, deps))).toEqual([
      [2n, 'replayed-before'],
      [4n, 'replayed'],
    ])
    expect(target.records('west.orders', 0)).toEqual([0, 1, 3, 5, 2, 4].map((offset) => polled(offset)))
  })

  it('says so when somebody else replays the same record at the same time', async () => {
    target.refuses = () => false
    const other = { ...deps, clock: { now: () => 8 } }
    const both = await Promise.all([
      replayQuarantined(orders, deadline, deps),
      replayQuarantined(orders, deadline, other),
    ])
    const ends = both.map((replays) => replays.find(({ source }) => source === 2n)?.kind)
    expect(ends).toEqual(['replayed', 'failed'])
  })

  it.each(['paused', 'draining', 'stopped'] as const)(
    'ends at the record before which the link is %s',
    async (mode) => {
      target.refuses = () => false
      const fetch = quarantine.fetch.bind(quarantine)
      quarantine.fetch = async (storedAt) => {
        const kept = await fetch(storedAt)
        if (kept.record.offset === 4) state.status = { ...state.status, mode }
        return kept
      }
      expect(await replayQuarantined(orders, deadline, deps)).toMatchObject([
        { source: 2n, kind: 'replayed' },
        { source: 4n, kind: 'failed', error: { code: 'LINK_NOT_FORWARDING' } },
      ])
      expect(target.records('west.orders', 0).at(-1)).toEqual(polled(2))
      state.status = { ...state.status, mode: 'forwarding' }
      quarantine.fetch = fetch
      expect((await replayQuarantined(orders, deadline, deps)).at(-1)).toMatchObject({ source: 4n, kind: 'replayed' })
    },
  )

  it('gives up an append after the deadline of one, so that a link that is stopped meanwhile is quiet by then', async () => {
    target.refuses = () => false
    const ends: number[] = []
    const append = target.append.bind(target)
    target.append = async (batch, { at, signal }) => {
      ends.push(at - Date.now())
      return await append(batch, { at, signal })
    }
    await replayQuarantined(orders, deadline, { ...deps, appendDeadlineMs: 2_000 })
    expect(ends).toHaveLength(2)
    for (const end of ends) expect(end).toBeLessThanOrEqual(2_000)
  })

  describe('of which one was replicated all the same', () => {
    const lostCheckpoint = { method: 'advance', error: new ReplicationError('STATE_THROTTLED', 'test') } as const

    /** The next batch brings 7, which goes into quarantine; it comes again after 7 was let in. */
    beforeEach(async () => {
      target.refuses = ({ offset }) => offset === 7
      state.faults.push({ ...lostCheckpoint, applied: false })
      await deliver(offsets(6, 8))
      target.refuses = () => false
      await deliver(offsets(6, 8))
    })

    const summaryOf7 = { source: 7n, kind: 'replicated', target: 7n }

    it('appends it no second time, and says where it is', async () => {
      expect((await listQuarantined(orders, deadline, state)).at(-1)).toMatchObject(summaryOf7)
      expect((await replayQuarantined(orders, deadline, deps)).at(-1)).toMatchObject(summaryOf7)
      expect(target.records('west.orders', 0).filter(({ offset }) => offset === 7)).toHaveLength(1)
    })

    it('knows it from the pages of the map too', async () => {
      for (const first of [10, 1_000]) await deliver(Array.from({ length: 400 }, (_, at) => first + 2 * at))
      expect(state.head(orders)?.openRuns[0]?.source).toBeGreaterThan(7n)
      expect((await replayQuarantined(orders, deadline, deps)).at(-1)).toMatchObject(summaryOf7)
    })

    it('does not take the same offset of another life of the topic for it', async () => {
      const gap = (await state.gaps(orders)).at(-1)
      if (gap === undefined) throw new Error('there is no gap')
      await state.recordGap(orders, { ...gap, incarnation: 'incarnation-2' })
      const [waiting] = (await listQuarantined(orders, deadline, state)).slice(-1)
      expect(waiting).toMatchObject({ source: 7n, kind: 'waiting' })
    })
  })
})
