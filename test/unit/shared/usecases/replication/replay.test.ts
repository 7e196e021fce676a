import { beforeEach, describe, expect, it } from 'vitest'
import { startWithin } from '../../../../../shared/adapters/running-deadline.ts'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { listQuarantined, type ReplayReport } from '../../../../../shared/usecases/replication/quarantined-records.ts'
import { type ReplayDeps, replayQuarantined } from '../../../../../shared/usecases/replication/replay.ts'
import { replicateBatches } from '../../../../../shared/usecases/replication/replicate-batches.ts'
import { FakeLease } from '../../../../fakes/lease.ts'
import { FakeLinkState } from '../../../../fakes/link-state.ts'
import { FakeQuarantine } from '../../../../fakes/quarantine.ts'
import { FakeSourceLog } from '../../../../fakes/source-log.ts'
import { FakeTargetLog } from '../../../../fakes/target-log.ts'
import { batchOf, deadlinesInTime, offsets, polled } from '../../../../support/polled.ts'

const orders = { topic: 'orders', partition: 0 }
const { append: deadline } = deadlinesInTime()
const ofOrders = ({ topic }: { readonly topic: string }): boolean => topic === 'orders'

describe('replaying quarantined records', () => {
  let target: FakeTargetLog
  let state: FakeLinkState
  let quarantine: FakeQuarantine
  let source: FakeSourceLog
  let deps: ReplayDeps
  let now: number

  beforeEach(async () => {
    now = 7
    target = new FakeTargetLog()
    state = new FakeLinkState()
    quarantine = new FakeQuarantine()
    source = new FakeSourceLog()
    target.createTopic('west.orders', 2)
    source.createTopic('orders', 1, 'incarnation-1')
    target.refuses = ({ offset }) => offset === 2 || offset === 4
    deps = {
      state,
      quarantine,
      target,
      lease: new FakeLease(),
      clock: { now: () => now },
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

  const replay = async (owner = 'one', others: Partial<ReplayDeps> = {}) =>
    withoutTrouble(await replayQuarantined(ofOrders, owner, deadline, { ...deps, ...others }))

  const list = async () => withoutTrouble(await listQuarantined(ofOrders, deadline, state))

  const withoutTrouble = ({ replays, troubles }: ReplayReport) => {
    expect(troubles).toEqual([])
    return replays
  }

  const summary = (replays: readonly { source: bigint; kind: string }[]) =>
    replays.map(({ source, kind }) => [source, kind])

  const beside = { ...orders, partition: 1 }

  /** The first record that waits waits there as well. */
  const waitBeside = async () => {
    const [[gap], head] = [await state.gaps(orders), state.head(orders)]
    if (gap === undefined || head === undefined) throw new Error('nothing is in quarantine')
    await state.advance(beside, undefined, { ...head, openRuns: [] })
    await state.recordGap(beside, gap)
  }

  it('lists what waits, puts it back at the end in order, once', async () => {
    expect(summary(await list())).toEqual([
      [2n, 'waiting'],
      [4n, 'waiting'],
    ])
    expect(summary(await replay())).toEqual([
      [2n, 'failed'],
      [4n, 'failed'],
    ])
    target.refuses = ({ offset }) => offset === 4
    expect(await replay()).toMatchObject([
      { source: 2n, kind: 'replayed', target: 4n },
      { source: 4n, kind: 'failed', error: { code: 'RECORD_REFUSED' } },
    ])
    target.refuses = () => false
    target.faults.push({
      error: new ReplicationError('TARGET_UNREACHABLE', 'test'),
      afterRecords: 0,
      acknowledged: true,
    })
    expect(summary(await replay())).toEqual([
      [2n, 'replayed-before'],
      [4n, 'failed'],
    ])
    expect(summary(await replay())).toEqual([
      [2n, 'replayed-before'],
      [4n, 'replayed'],
    ])
    expect(target.records('west.orders', 0)).toEqual([0, 1, 3, 5, 2, 4].map((offset) => polled(offset)))
  })

  describe('is done by one at a time', () => {
    beforeEach(() => {
      target.refuses = () => false
    })

    const putBack = () => target.records('west.orders', 0).slice(4)
    /** While the record at offset 4 is fetched. */
    const slowly = (act: () => Promise<void>) => {
      const fetch = quarantine.fetch.bind(quarantine)
      quarantine.fetch = async (storedAt) => {
        const kept = await fetch(storedAt)
        if (kept.record.offset !== 4) return kept
        quarantine.fetch = fetch
        await act()
        return kept
      }
    }

    it('and who comes beside him is told, and appends nothing', async () => {
      const both = await Promise.allSettled([replay('one'), replay('other')])
      expect(both).toMatchObject([
        { status: 'fulfilled', value: [{ kind: 'replayed' }, { kind: 'replayed' }] },
        { status: 'rejected', reason: { code: 'CHECKPOINT_MOVED' } },
      ])
      expect(putBack()).toEqual([polled(2), polled(4)])
      expect(summary(await replay('other'))).toEqual([
        [2n, 'replayed-before'],
        [4n, 'replayed-before'],
      ])
    })

    it('and who died is followed by another once his turn has run out', async () => {
      await deps.lease.acquire('dead', now, now + 65_000, deadline)
      await expect(replay()).rejects.toThrow(/or died doing it not 65 s ago/)
      now += 65_000
      expect(summary(await replay())).toEqual([
        [2n, 'replayed'],
        [4n, 'replayed'],
      ])
    })

    it('and who took so long that another came puts nothing back any more', async () => {
      slowly(async () => {
        now += 65_000
        expect(summary(await replay('other'))).toEqual([
          [2n, 'replayed-before'],
          [4n, 'replayed'],
        ])
      })
      expect(await replay()).toMatchObject([
        { source: 2n, kind: 'replayed' },
        { source: 4n, kind: 'failed', error: { code: 'CHECKPOINT_MOVED' } },
      ])
      expect(putBack()).toEqual([polled(2), polled(4)])
    })

    it.each([
      [59_999, 'replayed'],
      [60_000, 'failed'],
    ])('and he has it no more shortly before it runs out, as clocks differ (%s)', async (passed, kind) => {
      slowly(async () => {
        now += passed
      })
      expect((await replay()).map((one) => one.kind)).toEqual(['replayed', kind])
      expect(putBack()).toHaveLength(kind === 'replayed' ? 2 : 1)
    })

    /** Of the owner `one`; the first call is the one that takes it. */
    const onAcquire = (call: number, act: typeof deps.lease.acquire) => {
      const acquire = deps.lease.acquire.bind(deps.lease)
      let calls = 0
      deps.lease.acquire = async (owner, ...rest) =>
        owner === 'one' && ++calls === call ? await act(owner, ...rest) : await acquire(owner, ...rest)
      return acquire
    }

    it.each([
      [24_999, 'replayed'],
      [25_000, 'failed'],
    ])('and whose turn was kept too late has lost it, whoever had it meanwhile (%s)', async (late, kind) => {
      slowly(async () => {
        now += 35_000
      })
      const acquire = onAcquire(2, async (...renewal) => {
        now += late
        return await acquire(...renewal)
      })
      expect(await replay()).toMatchObject([
        { kind: 'replayed' },
        kind === 'failed' ? { kind, error: { code: 'CHECKPOINT_MOVED' } } : { kind },
      ])
      expect(putBack()).toHaveLength(kind === 'replayed' ? 2 : 1)
    })

    it('and who has lost it while he listed has lost it', async () => {
      const gaps = state.gaps.bind(state)
      state.gaps = async (partition) => {
        now += 40_000
        return await gaps(partition)
      }
      onAcquire(2, async () => 'held')
      expect(await replay()).toMatchObject([
        { source: 2n, kind: 'failed', error: { code: 'CHECKPOINT_MOVED' } },
        { source: 4n, kind: 'waiting' },
      ])
      expect(putBack()).toEqual([])
    })

    it('and he keeps his turn as long as it takes', async () => {
      slowly(async () => {
        now += 40_000
        await expect(replay('other')).rejects.toMatchObject({ code: 'CHECKPOINT_MOVED' })
      })
      const append = target.append.bind(target)
      const others: string[] = []
      target.append = async (batch, within) => {
        others.push(await deps.lease.acquire('other', now + 34_999, now + 99_000, deadline))
        return await append(batch, within)
      }
      expect((await replay()).map(({ kind }) => kind)).toEqual(['replayed', 'replayed'])
      expect(others).toEqual(['held', 'held'])
    })

    it('and says what was put back although the turn cannot be given back', async () => {
      deps.lease.release = async () => Promise.reject(new ReplicationError('STATE_UNREACHABLE', 'test'))
      expect((await replay()).map(({ kind }) => kind)).toEqual(['replayed', 'replayed'])
    })
  })

  it.each(['paused', 'draining', 'stopped'] as const)('reads no record while the link is %s', async (mode) => {
    state.status = { ...state.status, mode }
    let read = 0
    for (const port of [quarantine, deps.lease] as object[])
      for (const name of ['fetch', 'acquire']) Object.assign(port, { [name]: async () => void read++ })
    const reads = state.calls.get('gaps') ?? 0
    await expect(replay()).rejects.toThrow(`LINK_NOT_FORWARDING: replaying quarantined records: the link is ${mode}`)
    expect([read, state.calls.get('gaps') ?? 0]).toEqual([0, reads])
  })

  it('reads no record after the one before which the link is stopped', async () => {
    target.refuses = ({ offset }) => offset === 7
    await deliver(offsets(6, 8))
    await waitBeside()
    target.refuses = () => false
    const fetched: number[] = []
    const fetch = quarantine.fetch.bind(quarantine)
    quarantine.fetch = async (storedAt) => {
      const kept = await fetch(storedAt)
      fetched.push(kept.record.offset)
      if (kept.record.offset === 4) state.status = { ...state.status, mode: 'stopped' }
      return kept
    }
    expect(summary(await replay())).toEqual([
      [2n, 'replayed'],
      [4n, 'failed'],
      [7n, 'waiting'],
    ])
    expect(fetched).toEqual([2, 4])
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
      expect(await replay()).toMatchObject([
        { source: 2n, kind: 'replayed' },
        { source: 4n, kind: 'failed', error: { code: 'LINK_NOT_FORWARDING' } },
      ])
      expect(target.records('west.orders', 0).at(-1)).toEqual(polled(2))
      state.status = { ...state.status, mode: 'forwarding' }
      quarantine.fetch = fetch
      expect((await replay()).at(-1)).toMatchObject({ source: 4n, kind: 'replayed' })
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
    await replay('one', { appendDeadlineMs: 2_000 })
    expect(ends).toHaveLength(2)
    for (const end of ends) expect(end).toBeLessThanOrEqual(2_000)
  })

  describe('beside a partition that cannot be looked through', () => {
    beforeEach(async () => {
      target.refuses = () => false
      await waitBeside()
    })

    const places = ({ replays }: ReplayReport) =>
      replays.map(({ partition, source, kind }) => [partition, source, kind] as const)
    const lookAndReplay = async (): Promise<readonly [ReplayReport, ReplayReport]> => [
      await listQuarantined(ofOrders, deadline, state),
      await replayQuarantined(ofOrders, 'one', deadline, deps),
    ]
    const failGaps = (of: number, error: Error, act: () => void = () => undefined) => {
      const gaps = state.gaps.bind(state)
      state.gaps = async (id) => {
        if (id.partition !== of) return await gaps(id)
        act()
        throw error
      }
    }

    it('puts back what waits in the next one', async () => {
      state.malformed.set('orders-0', new ReplicationError('STATE_MALFORMED', 'test'))
      const [listed, replayed] = await lookAndReplay()
      for (const { troubles } of [listed, replayed])
        expect(troubles).toMatchObject([{ ...orders, error: { code: 'STATE_MALFORMED' } }])
      expect(places(listed)).toEqual([[1, 2n, 'waiting']])
      expect(places(replayed)).toEqual([[1, 2n, 'replayed']])
    })

    it.each([
      [new ReplicationError('STATE_MALFORMED', 'test'), 'STATE_MALFORMED: test'],
      [new ReplicationError('STATE_UNREACHABLE', 'test'), 'STATE_UNREACHABLE: test'],
      [new TypeError('test'), 'UNEXPECTED: looking for quarantined records of orders-1'],
    ])('tells what was put back before (%s)', async (error, told) => {
      failGaps(1, error)
      const [listed, replayed] = await lookAndReplay()
      for (const { troubles } of [listed, replayed])
        expect(troubles).toMatchObject([{ ...beside, error: { message: expect.stringContaining(told) } }])
      expect(places(listed).map(([, , kind]) => kind)).toEqual(['waiting', 'waiting'])
      expect(places(replayed)).toEqual([
        [0, 2n, 'replayed'],
        [0, 4n, 'replayed'],
      ])
    })

    it('tells what was put back before the turn could not be kept', async () => {
      const acquire = deps.lease.acquire.bind(deps.lease)
      let calls = 0
      deps.lease.acquire = async (...asked) => {
        if (++calls > 1) throw new ReplicationError('STATE_THROTTLED', 'test')
        return await acquire(...asked)
      }
      const gaps = state.gaps.bind(state)
      state.gaps = async (id) => {
        if (id.partition === 1) now += 40_000
        return await gaps(id)
      }
      const report = await replayQuarantined(ofOrders, 'one', deadline, deps)
      expect(report.troubles).toMatchObject([{ ...beside, error: { code: 'STATE_THROTTLED' } }])
      expect(places(report)).toHaveLength(2)
      expect(target.records('west.orders', 1)).toEqual([])
    })

    it.each(['DEADLINE_PASSED', 'STATE_UNREACHABLE', 'STATE_DENIED', 'STATE_MISSING', 'STATE_THROTTLED'] as const)(
      'asks nothing of the next one where that would meet it as well (%s)',
      async (code) => {
        failGaps(0, new ReplicationError(code, 'test'))
        for (const report of await lookAndReplay())
          expect(report).toMatchObject({ replays: [], troubles: [{ ...orders, error: { code } }] })
      },
    )

    it('ends with the deadline, whatever that has broken', async () => {
      const over = new AbortController()
      failGaps(0, new TypeError('test'), () => over.abort())
      const report = await replayQuarantined(ofOrders, 'one', { ...deadline, signal: over.signal }, deps)
      expect(report).toMatchObject({ replays: [], troubles: [{ error: { code: 'UNEXPECTED' } }] })
    })
  })

  describe('that is on the target', () => {
    beforeEach(() => {
      target.refuses = () => false
    })

    const markFirst = (outcome: () => Promise<'unknown' | 'already-replayed'>) => {
      const mark = state.markReplayed.bind(state)
      state.markReplayed = async () => {
        state.markReplayed = mark
        return await outcome()
      }
    }

    it('says where it is although it cannot be marked, and is put there again', async () => {
      markFirst(() => Promise.reject(new ReplicationError('STATE_UNREACHABLE', 'test')))
      const [first, second] = await replay()
      expect(first).toMatchObject({ kind: 'failed', error: { code: 'STATE_UNREACHABLE' } })
      expect(first).toMatchObject({
        error: {
          message: expect.stringMatching(/is at target offset 4, but it could not be marked, so that the next/),
        },
      })
      expect(second).toMatchObject({ kind: 'replayed', target: 5n })
      expect(await replay()).toMatchObject([{ kind: 'replayed', target: 6n }, { kind: 'replayed-before' }])
    })

    it('is no failure when its entry ran out meanwhile, and ends nothing', async () => {
      markFirst(async () => 'unknown')
      expect(await replay()).toMatchObject([
        { kind: 'forgotten', target: 4n },
        { kind: 'replayed', target: 5n },
      ])
    })

    it('says where it is when somebody else had replayed it, and ends there', async () => {
      markFirst(async () => 'already-replayed')
      expect(await replay()).toMatchObject([
        {
          kind: 'failed',
          error: {
            code: 'CHECKPOINT_MOVED',
            message: expect.stringContaining('it is at target offset 4, but somebody else'),
          },
        },
        { kind: 'waiting' },
      ])
    })
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
      expect((await list()).at(-1)).toMatchObject(summaryOf7)
      expect((await replay()).at(-1)).toMatchObject(summaryOf7)
      expect(target.records('west.orders', 0).filter(({ offset }) => offset === 7)).toHaveLength(1)
    })

    it('knows it from the pages of the map too', async () => {
      for (const first of [10, 1_000]) await deliver(Array.from({ length: 400 }, (_, at) => first + 2 * at))
      expect(state.head(orders)?.openRuns[0]?.source).toBeGreaterThan(7n)
      expect((await replay()).at(-1)).toMatchObject(summaryOf7)
    })

    it('does not take the same offset of another life of the topic for it', async () => {
      const gap = (await state.gaps(orders)).at(-1)
      if (gap === undefined) throw new Error('there is no gap')
      await state.recordGap(orders, { ...gap, incarnation: 'incarnation-2' })
      const [waiting] = (await list()).slice(-1)
      expect(waiting).toMatchObject({ source: 7n, kind: 'waiting' })
    })
  })
})
