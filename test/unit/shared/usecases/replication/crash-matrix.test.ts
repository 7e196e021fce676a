import { describe, expect, it } from 'vitest'
import type { Head } from '../../../../../shared/domain/head.ts'
import type { PartitionBatch } from '../../../../../shared/domain/record.ts'
import { replicateBatches } from '../../../../../shared/usecases/replication/replicate-batches.ts'
import type { ReplicateDeps } from '../../../../../shared/usecases/replication/replicate-partition.ts'
import { headIn } from '../../../../../shared/usecases/snapshot-head.ts'
import { FakeLinkState } from '../../../../fakes/link-state.ts'
import { FakeQuarantine } from '../../../../fakes/quarantine.ts'
import { FakeSourceLog } from '../../../../fakes/source-log.ts'
import { FakeTargetLog } from '../../../../fakes/target-log.ts'
import { Killer, killPoints } from '../../../../support/killer.ts'
import { batchOf, deadlinesInTime, offsets } from '../../../../support/polled.ts'

const orders = { topic: 'orders', partition: 0 }

/** One world with history: runs to seal, a record to quarantine, a hole and a loss ahead. */
const startWorld = async () => {
  const target = new FakeTargetLog()
  const source = new FakeSourceLog()
  const state = new FakeLinkState()
  const quarantine = new FakeQuarantine()
  target.createTopic('orders', 1)
  source.createTopic('orders', 1, 'incarnation-1')
  target.refuses = ({ offset }) => offset === 2_005
  const deps: ReplicateDeps = {
    target,
    source,
    state,
    quarantine,
    clock: { now: () => 5 },
    alarm: () => undefined,
    targetTopic: (topic) => topic,
    provenance: false,
  }
  await replicateBatches([batchOf(Array.from({ length: 400 }, (_, at) => at * 2))], deadlinesInTime(), deps)
  source.deleteRecordsBefore(orders, 2_000n)
  return { target, source, state, quarantine, deps }
}

const batch: PartitionBatch = batchOf([...offsets(2_000, 2_003), ...offsets(2_005, 2_009)])

const deliver = async (deps: ReplicateDeps) => (await replicateBatches([batch], deadlinesInTime(), deps))[0]

const withKiller = (deps: ReplicateDeps, killer: Killer): ReplicateDeps => ({
  ...deps,
  target: killer.wrap(deps.target),
  source: killer.wrap(deps.source),
  state: killer.wrap(deps.state),
  quarantine: deps.quarantine && killer.wrap(deps.quarantine),
})

const headOf = async ({ state }: ReplicateDeps): Promise<Head | undefined> =>
  headIn(await state.read([orders], deadlinesInTime().state), orders)

const contentOf = ({ openRuns, nextTarget, ...head }: Head) => head

describe('killed at any call of any port, then delivered again', async () => {
  const undisturbed = await startWorld()
  const counter = new Killer(0, 'before')
  await deliver(withKiller(undisturbed.deps, counter))
  const points = killPoints(counter)

  it('has points to be killed at: read, describe, two appends, keep, gaps, seal, advance', () => {
    expect(counter.calls).toBe(9)
  })

  it.each(points)('call %i, %s its effect', async (at, when) => {
    const world = await startWorld()
    const before = world.target.records('orders', 0).length
    expect((await deliver(withKiller(world.deps, new Killer(at, when))))?.error).toBeDefined()
    const appended = world.target.records('orders', 0).slice(before)
    expect((await deliver(world.deps))?.error).toBeUndefined()

    const head = world.state.head(orders)
    const expected = undisturbed.state.head(orders)
    expect(head && contentOf(head)).toEqual(expected && contentOf(expected))
    expect(await world.state.gaps(orders)).toEqual(await undisturbed.state.gaps(orders))
    expect([...world.quarantine.kept]).toEqual([...undisturbed.quarantine.kept])

    const all = world.target.records('orders', 0).map(({ offset }) => offset)
    const wanted = undisturbed.target.records('orders', 0).map(({ offset }) => offset)
    const copies = all.length - wanted.length
    expect(copies).toBeLessThanOrEqual(batch.records.length - 1)
    expect(copies).toBeLessThanOrEqual(appended.length)
    const mapped = head?.openRuns.flatMap(({ target, length }) => all.slice(Number(target), Number(target + length)))
    expect(mapped).toEqual(
      expected?.openRuns.flatMap(({ target, length }) => wanted.slice(Number(target), Number(target + length))),
    )
  })
})

describe('killed at any call of the first batch of a partition', async () => {
  const startNew = async () => {
    const world = await startWorld()
    const deps = { ...world.deps, targetTopic: (topic: string) => `new.${topic}`, state: new FakeLinkState() }
    world.target.createTopic('new.orders', 1)
    return { ...world, deps }
  }
  const undisturbed = await startNew()
  const counter = new Killer(0, 'before')
  await deliver(withKiller(undisturbed.deps, counter))
  const points = killPoints(counter)

  it('has points to be killed at: read, describe, which life, where it began, begin, two appends, keep, gap, advance', () => {
    expect(counter.calls).toBe(10)
  })

  it.each(points)('call %i, %s its effect', async (at, when) => {
    const { deps, target } = await startNew()
    expect((await deliver(withKiller(deps, new Killer(at, when))))?.error).toBeDefined()
    expect((await deliver(deps))?.error).toBeUndefined()
    const [head, expected] = await Promise.all([deps, undisturbed.deps].map(headOf))
    expect(head && contentOf(head)).toEqual(expected && contentOf(expected))
    const ends = head?.openRuns.map(({ target: from, length }) =>
      target.records('new.orders', 0).slice(Number(from), Number(from + length)),
    )
    expect(ends?.flat().map(({ offset }) => offset)).toEqual([...offsets(2_000, 2_003), ...offsets(2_006, 2_009)])
  })
})
