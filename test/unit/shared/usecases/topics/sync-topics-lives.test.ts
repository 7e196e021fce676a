import { beforeEach, describe, expect, it } from 'vitest'
import { INITIAL_STATUS } from '../../../../../shared/domain/head.ts'
import { findRun } from '../../../../../shared/usecases/offset-map/find-run.ts'
import { replicateBatches } from '../../../../../shared/usecases/replication/replicate-batches.ts'
import { FakeSourceLog } from '../../../../fakes/source-log.ts'
import { FakeTargetLog } from '../../../../fakes/target-log.ts'
import { inTime } from '../../../../support/in-time.ts'
import { plannedLink } from '../../../../support/model-topic.ts'
import { batchOf, deadlinesInTime, offsets } from '../../../../support/polled.ts'
import { kindsOf, outcomesOf, replacing, SyncWorld } from '../../../../support/sync-world.ts'

const GROUP = 'twinshore.west-east.orders'
const partitions = [0, 1, 2].map((partition) => ({ topic: 'orders', partition }))
const [first = { topic: 'orders', partition: 0 }, second = first] = partitions

let world: SyncWorld
beforeEach(async () => {
  world = new SyncWorld()
  world.put('orders')
  await world.settle()
  for (const partition of [first, second]) await world.replicated(partition, 100n)
})

const lives = () => partitions.map((partition) => world.state.head(partition)?.incarnation)

/** What pollers would bring of one partition, replicated as the function does it. */
const replicate = async (target: FakeTargetLog, life: string, from: number, to: number) => {
  const source = new FakeSourceLog()
  source.createTopic('orders', 3, world.source.topics.get('orders')?.incarnation ?? '')
  const { state } = world
  const clock = { now: () => world.now }
  const deps = { source, target, state, clock, quarantine: undefined, alarm: () => undefined, provenance: false }
  const batch = batchOf(offsets(from, to), { life })
  const naming = { targetTopic: (topic: string) => `west.${topic}` }
  const [outcome] = await replicateBatches([batch], deadlinesInTime(), { ...deps, ...naming })
  return outcome
}

describe('a topic that was made again', () => {
  it('is held back until nothing consumes it, then read from its beginning', async () => {
    world.put('orders', 'life-2')
    world.hold(first, 40n, 7n)
    expect(outcomesOf(await world.pass(), 'orders')).toEqual(['hold-back done', 'disable-mapping done'])
    expect(lives()).toEqual(['life-1', 'life-1', undefined])
    expect(outcomesOf(await world.pass(), 'orders')).toEqual([
      'rewind-group done',
      'close-heads done',
      'remember done',
      'enable-mapping done',
    ])
    expect(lives()).toEqual(['life-2', 'life-2', undefined])
    expect(world.state.head(first)).toMatchObject({ nextSource: 0n, nextTarget: 0n, openRuns: [], last: undefined })
    expect(world.groups.positions.get(GROUP)).toEqual(
      new Map([
        ['orders-0', 7n],
        ['orders-1', 0n],
      ]),
    )
    expect(kindsOf(await world.pass())).toEqual([])
    expect(world.mappingOf('orders')?.state).toBe('Enabled')
  })

  it('keeps the map of its earlier life, whole', async () => {
    world.put('orders', 'life-2')
    await world.settle()
    const map = { partition: first, head: world.state.head(first), pages: world.state }
    for (const offset of [0n, 57n, 99n]) {
      const run = await findRun(map, { incarnation: 'life-1', offset }, inTime())
      expect(run && run.target - run.source).toBe(5n)
    }
    expect(await findRun(map, { incarnation: 'life-1', offset: 100n }, inTime())).toBeUndefined()
    expect(await findRun(map, { incarnation: 'life-2', offset: 57n }, inTime())).toBeUndefined()
  })

  it('has nothing of its new life filtered, though offsets and positions are those of the old one', async () => {
    const target = new FakeTargetLog()
    target.createTopic('west.orders', 3)
    for (let offset = 0; offset < 105; offset++) target.writeForeign('west.orders', 0, batchOf([offset]).records[0])
    world.put('orders', 'life-2')
    expect((await replicate(target, 'second', 90, 110))?.error?.code).toBe('INCARNATION_CHANGED')
    await world.settle()
    expect(await replicate(target, 'second', 0, 59)).toMatchObject({ replicated: 60, redelivered: 0 })
    expect(await replicate(target, 'second', 60, 120)).toMatchObject({ replicated: 61, redelivered: 0 })
    expect(target.records('west.orders', 0).slice(105)).toEqual(batchOf(offsets(0, 120), { life: 'second' }).records)
  })

  it('begins on a replica that was removed and made anew as well', async () => {
    const target = new FakeTargetLog()
    target.createTopic('west.orders', 3)
    world.put('orders', 'life-2')
    world.target.topics.delete('west.orders')
    await world.settle()
    expect(await replicate(target, 'second', 0, 9)).toMatchObject({ replicated: 10 })
    expect((await replicate(target, 'second', 10, 19))?.error).toBeUndefined()
  })

  it('stays held back while its group cannot be set back, and its heads stay as they are', async () => {
    world.put('orders', 'life-2')
    await world.pass()
    const { deps } = world
    const groups = replacing(deps.groups, { rewind: () => Promise.reject(new Error('injected')) })
    expect(outcomesOf(await world.pass({ ...deps, groups }), 'orders')).toEqual([
      'rewind-group failed',
      'close-heads skipped',
      'remember skipped',
      'enable-mapping skipped',
    ])
    expect(lives()).toEqual(['life-1', 'life-1', undefined])
    await world.settle()
    expect(lives()).toEqual(['life-2', 'life-2', undefined])
  })

  it('is not begun over a checkpoint that moves meanwhile', async () => {
    world.put('orders', 'life-2')
    await world.pass()
    const { deps } = world
    const state = replacing(deps.state, {
      seal: async (...args) => {
        await deps.state.seal(...args)
        await world.replicated(first, 120n)
      },
    })
    const pass = await world.pass({ ...deps, state })
    expect(pass.outcomes.find(({ step }) => step.kind === 'close-heads')).toMatchObject({
      kind: 'failed',
      error: { code: 'CHECKPOINT_MOVED' },
    })
    expect(world.state.head(first)).toMatchObject({ incarnation: 'life-1', nextSource: 120n })
    expect(world.mappingOf('orders')?.state).toBe('Disabled')
    await world.settle()
    const map = { partition: first, head: world.state.head(first), pages: world.state }
    expect(await findRun(map, { incarnation: 'life-1', offset: 119n }, inTime())).toBeDefined()
  })

  it('is not begun a second time where another pass has begun it, and records have come since', async () => {
    world.put('orders', 'life-2')
    await world.pass()
    const { deps } = world
    let late = true
    const groups = replacing(deps.groups, {
      rewind: async (...args) => {
        await deps.groups.rewind(...args)
        if (late) await world.replicated(first, 20n, 'life-2')
        late = false
      },
    })
    await world.pass({ ...deps, groups })
    expect(world.state.head(first)).toMatchObject({ incarnation: 'life-2', nextSource: 20n })
    expect(world.state.head(second)).toMatchObject({ incarnation: 'life-2', nextSource: 0n })
  })

  it('is consumed by nothing while a head of yet another life is open', async () => {
    const known = world.ledger.records.get('orders')
    if (known === undefined) throw new Error('the ledger does not know it')
    world.ledger.records.set('orders', { ...known, restarting: true, next: 'life-2' })
    await world.replicated(second, 10n, 'life-2')
    const pass = await world.pass()
    expect(kindsOf(pass)).toEqual(['hold-back', 'disable-mapping'])
  })

  it('begins anew while its link is paused, and is consumed only after that', async () => {
    world.state.status = { ...INITIAL_STATUS, mode: 'paused' }
    await world.settle()
    world.put('orders', 'life-2')
    await world.settle()
    expect(lives()).toEqual(['life-2', 'life-2', undefined])
    expect(world.mappingOf('orders')?.state).toBe('Disabled')
    world.state.status = INITIAL_STATUS
    await world.settle()
    expect(world.mappingOf('orders')?.state).toBe('Enabled')
  })

  it('stands where the link says fault, and nothing of it is touched', async () => {
    world.link = plannedLink({ onRecreate: 'fault' })
    world.put('orders', 'life-2')
    await world.settle()
    expect(lives()).toEqual(['life-1', 'life-1', undefined])
    expect([world.mappingOf('orders')?.state, world.groups.positions.size]).toEqual(['Disabled', 0])
  })

  it('with fewer partitions has the heads of all of them closed, and loses none when it grows again', async () => {
    const last = { topic: 'orders', partition: 2 }
    await world.replicated(last, 100n)
    world.put('orders', 'life-2', { partitions: 2 })
    await world.settle()
    expect(lives()).toEqual(['life-2', 'life-2', 'life-2'])
    expect([...(world.groups.positions.get(GROUP)?.keys() ?? [])]).toEqual(['orders-0', 'orders-1'])
  })

  it('on a replica made anew with fewer partitions has the others closed when they grow', async () => {
    const last = { topic: 'orders', partition: 2 }
    await world.replicated(last, 100n)
    world.put('orders', 'life-2', { partitions: 2 })
    world.target.topics.delete('west.orders')
    await world.settle()
    expect(lives()).toEqual(['life-2', 'life-2', 'life-1'])
    await world.replicated(first, 30n, 'life-2')
    world.put('orders', 'life-2', { partitions: 3 })
    await world.settle()
    expect(lives()).toEqual(['life-2', 'life-2', 'life-2'])
    expect(world.state.head(first)?.nextSource).toBe(30n)
    expect(world.groups.positions.get(GROUP)?.get('orders-0')).toBe(0n)
    expect(world.groups.positions.get(GROUP)?.get('orders-2')).toBe(0n)
  })
})
