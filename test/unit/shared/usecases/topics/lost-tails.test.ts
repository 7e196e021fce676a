import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { kindsOf, MINUTE_MS, outcomesOf, replacing, SyncWorld } from '../../../../support/sync-world.ts'

const first = { topic: 'orders', partition: 0 }
const second = { topic: 'orders', partition: 1 }

let world: SyncWorld
beforeEach(async () => {
  world = new SyncWorld()
  world.put('orders')
  world.put('others')
  await world.settle()
  await world.replicated(first, 100n)
})

const gaps = async (partition = first) =>
  (await world.state.gaps(partition)).map(({ incarnation, kind, from, to }) => ({ incarnation, kind, from, to }))

const TAIL = { incarnation: 'life-1', kind: 'lost', from: 100n, to: 130n }

describe('records that went with a topic', () => {
  it.each([
    ['that was deleted', () => world.source.topics.delete('orders')],
    ['that was made anew', () => world.put('orders', 'life-2')],
  ])('%s are in the gap ledger, once, and told of', async (_what, go) => {
    world.sawLast(first, 130n, { checkpoint: 90n })
    go()
    expect(outcomesOf(await world.pass(), 'orders')).toContain('record-lost done')
    expect(await gaps()).toEqual([TAIL])
    expect(world.told).toMatchObject([TAIL])
    for (const _pass of [1, 2, 3]) await world.pass()
    expect(await gaps()).toEqual([TAIL])
  })

  it('are told of once, however long whoever measures the lag takes to read that they are written', async () => {
    world.sawLast(first, 130n, { checkpoint: 90n })
    world.source.topics.delete('orders')
    for (const _pass of [1, 2, 3]) expect(outcomesOf(await world.pass(), 'orders')).toContain('record-lost done')
    expect(world.told).toMatchObject([TAIL])
  })

  it('are told of again by the pass after one that died before they were written, and after one whose answer was lost not', async () => {
    const error = new ReplicationError('STATE_UNREACHABLE', 'injected')
    world.sawLast(first, 130n)
    world.source.topics.delete('orders')
    world.state.faults.push({ method: 'recordGap', error, applied: false })
    expect(outcomesOf(await world.pass(), 'orders')).toContain('record-lost failed')
    expect([world.told.length, await gaps()]).toEqual([1, []])
    world.state.faults.push({ method: 'recordGap', error, applied: true })
    expect(outcomesOf(await world.pass(), 'orders')).toContain('record-lost failed')
    expect([world.told.length, await gaps()]).toEqual([2, [TAIL]])
    expect(outcomesOf(await world.pass(), 'orders')).toContain('record-lost done')
    expect(world.told).toHaveLength(2)
  })

  it.each([
    ['ends before them', { to: 129n }],
    ['is of another life', { incarnation: 'life-0' }],
    ['is of another kind', { kind: 'quarantined' }],
  ] as const)('are told of although a gap is in the ledger that %s', async (_what, other) => {
    await world.state.recordGap(first, { ...TAIL, kind: 'lost', from: 99n, reason: 'another', at: 0, ...other })
    world.sawLast(first, 130n)
    world.source.topics.delete('orders')
    await world.pass()
    expect(world.told).toMatchObject([TAIL])
  })

  it('are written down of a link that a failover has stopped meanwhile', async () => {
    world.sawLast(first, 130n)
    world.source.topics.delete('orders')
    world.state.status = { mode: 'stopped', role: 'active', epoch: 1 }
    expect(outcomesOf(await world.pass(), 'orders')).toContain('record-lost done')
    expect([await gaps(), world.told]).toMatchObject([[TAIL], [TAIL]])
  })

  it('are counted from the first offset where nothing was ever replicated', async () => {
    world.sawLast(second, 7n, { start: 3n, firstStart: 2n })
    world.source.topics.delete('orders')
    await world.pass()
    expect(await gaps(second)).toEqual([{ ...TAIL, from: 2n, to: 7n }])
  })

  it('are those of an earlier life, wherever the head of the next one stands', async () => {
    world.put('orders', 'life-2')
    await world.settle()
    await world.replicated(first, 500n, 'life-2')
    world.sawLast(first, 130n, { checkpoint: 90n })
    await world.pass()
    expect(await gaps()).toEqual([TAIL])
  })

  it('are none where the rest was replicated after the last look, or was markers', async () => {
    world.sawLast(first, 100n, { checkpoint: 90n })
    world.sawLast(second, 9n, { checkpoint: 8n, scan: { from: 8n, to: 9n, records: 0 } })
    world.source.topics.delete('orders')
    await world.pass()
    expect([await gaps(), await gaps(second), world.told]).toEqual([[], [], []])
  })

  it.each([
    [
      'as long as a function may still run that has some of them',
      15 * MINUTE_MS,
      () => world.source.topics.delete('orders'),
    ],
    ['while the topic is there', 60 * MINUTE_MS, () => world.put('orders')],
    ['while nobody may say whether the topic is there', 60 * MINUTE_MS, () => world.source.hidden.add('orders')],
    ['while the source shows nothing at all', 60 * MINUTE_MS, () => world.source.topics.clear()],
  ])('are not written down %s', async (_when, agoMs, make) => {
    world.sawLast(first, 130n, { checkpoint: 100n, at: world.now - agoMs })
    make()
    expect(kindsOf(await world.pass())).not.toContain('record-lost')
    expect(await gaps()).toEqual([])
  })

  it('are not written down while the source does not answer', async () => {
    world.sawLast(first, 130n, { checkpoint: 100n })
    world.source.topics.delete('orders')
    world.source.reachable = false
    await expect(world.pass()).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
    expect(await gaps()).toEqual([])
  })

  it('of one partition are written although those of another cannot be', async () => {
    world.sawLast(first, 130n)
    world.sawLast(second, 7n, { firstStart: 0n })
    world.source.topics.delete('orders')
    world.state.malformed.set('orders-0', new ReplicationError('STATE_MALFORMED', 'injected'))
    expect(outcomesOf(await world.pass(), 'orders')).toContain('record-lost failed')
    expect([await gaps(), await gaps(second)]).toEqual([[], [{ ...TAIL, from: 0n, to: 7n }]])
    world.state.malformed.clear()
    await world.pass()
    expect(await gaps()).toEqual([TAIL])
  })

  it('of several partitions that cannot be written are all told, each with what is wrong with it', async () => {
    world.sawLast(first, 130n)
    world.sawLast(second, 7n)
    world.source.topics.delete('orders')
    for (const name of ['orders-0', 'orders-1'])
      world.state.malformed.set(name, new ReplicationError('STATE_MALFORMED', `reading ${name}`))
    const { outcomes } = await world.pass()
    const failed = outcomes.find(({ step }) => step.kind === 'record-lost')
    expect(failed).toMatchObject({ kind: 'failed', error: { code: 'STATE_MALFORMED' } })
    for (const name of ['orders-0', 'orders-1'])
      expect(failed).toHaveProperty('error.message', expect.stringContaining(`reading ${name}`))
  })

  it('are the same gap for two passes at once', async () => {
    world.sawLast(first, 130n)
    world.source.topics.delete('orders')
    await Promise.allSettled([world.pass(), world.pass()])
    expect(await gaps()).toEqual([TAIL])
  })

  it('stop no topic when nobody can tell what they were', async () => {
    world.source.topics.delete('orders')
    world.put('more')
    const lag = { read: () => Promise.reject(new ReplicationError('STATE_UNREACHABLE', 'injected')) }
    const pass = await world.pass(replacing(world.deps, { lag }))
    expect(outcomesOf(pass, 'more')).toContain('create done')
    expect(pass.plan.troubles).toMatchObject([{ code: 'STATE_UNREACHABLE' }])
  })
})
