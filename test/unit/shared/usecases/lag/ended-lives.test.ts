import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import type { Gap, Head } from '../../../../../shared/domain/head.ts'
import { HEARTBEAT_PARTITION, HEARTBEAT_TOPIC } from '../../../../../shared/domain/heartbeat/beat.ts'
import { EVERY_MS, LagWorld } from '../../../../support/lag-world.ts'
import { replacing } from '../../../../support/sync-world.ts'

const HERE = { topic: 'orders', partition: 0 }
const LINK = 'west-east'
const LATER_MS = 60_000
const DAY_MS = 86_400_000

let lagged: LagWorld
let life: string
beforeEach(async () => {
  lagged = new LagWorld({ links: { topics: ['orders', 'bills'] } })
  const { world } = lagged
  life = world.clusters.west.topics.topics.get('orders')?.incarnation ?? ''
  world.write('west', HERE, 4)
  await world.replicate(LINK, HERE)
  world.write('west', HERE, 6)
  await lagged.invoke()
})

const gone = async (ms = EVERY_MS): Promise<number> => (await lagged.sampleLater(ms)).lag.gone
const remove = () => lagged.world.clusters.west.topics.topics.delete('orders')
const map = () => lagged.world.memory(LINK).map
const tail = (from = 4n, to = 10n): Gap => ({ incarnation: life, from, to, kind: 'lost', reason: 'gone', at: 5 })

/** The topic is made anew with so many records, as long as the world's log holds them. */
const remake = (incarnation: string): void => {
  const orders = lagged.world.clusters.west.topics.topics.get('orders')
  if (orders !== undefined) orders.incarnation = incarnation
}

const replicatedTo = async (nextSource: bigint): Promise<void> => {
  const head = map().head(HERE) as Head
  await map().advance(HERE, head, { ...head, nextSource })
}

describe('a topic that is deleted with records that were not replicated', () => {
  it('counts them as gone after a minute, as nothing that waits, until the ledger names them', async () => {
    remove()
    expect(await gone()).toBe(0)
    const { lag, topics, worst } = await lagged.sampleLater(LATER_MS)
    expect(lag).toMatchObject({ records: 0, lagMs: 0, gone: 6 })
    expect(topics.find(({ topic }) => topic === 'orders')).toMatchObject({ records: 0, gone: 6 })
    expect(worst).toMatchObject([{ topic: 'orders', partition: 0, gone: 6 }])
    expect(await gone(DAY_MS)).toBe(6)
    await map().recordGap(HERE, tail())
    expect(await gone()).toBe(0)
  })

  it('has its gap counted for a month, by link and topic', async () => {
    remove()
    await map().recordGap(HERE, tail())
    for (const ms of [EVERY_MS, 29 * DAY_MS]) {
      const { accounts } = await lagged.sampleLater(ms)
      expect(accounts?.link).toMatchObject({ lost: 6 })
      expect(accounts?.topics).toMatchObject([{ topic: 'orders', lost: 6 }])
    }
    await lagged.sampleLater(2 * DAY_MS)
    expect(lagged.ledger.memory?.ended).toBeUndefined()
  })

  it('has lost what a gap does not name that ends before its end, or is of another kind or life', async () => {
    remove()
    await map().recordGap(HERE, tail(4n, 9n))
    await map().recordGap(HERE, { ...tail(), kind: 'quarantined' })
    await map().recordGap(HERE, { ...tail(), incarnation: 'another' })
    await lagged.sampleLater()
    expect(await gone(LATER_MS)).toBe(6)
  })

  it('has lost less when some of them were under way, and nothing when all were', async () => {
    remove()
    await lagged.sampleLater()
    await replicatedTo(8n)
    expect(await gone(LATER_MS)).toBe(2)
    await replicatedTo(10n)
    expect(await gone(LATER_MS)).toBe(0)
  })

  it('has lost nothing when all was replicated, and nothing is remembered of it', async () => {
    await lagged.world.replicate(LINK, HERE)
    await lagged.sampleLater()
    remove()
    expect(await gone(LATER_MS)).toBe(0)
    expect(lagged.ledger.memory?.ended).toBeUndefined()
  })

  it('has lost all from the first look on when nothing was ever replicated', async () => {
    const other = { topic: 'bills', partition: 0 }
    lagged.world.write('west', other, 5)
    await lagged.sampleLater()
    lagged.world.clusters.west.topics.topics.delete('bills')
    await lagged.sampleLater()
    expect(await gone(LATER_MS)).toBe(5)
  })

  it('is noticed at once when its partitions are said to be unknown, although the list of topics is not a minute old', async () => {
    const deps = lagged.deps()
    await lagged.sampleLater(EVERY_MS, deps)
    remove()
    lagged.logs.errors.set('orders-0', new ReplicationError('SOURCE_TOPIC_UNKNOWN', 'gone'))
    await lagged.sampleLater(EVERY_MS, deps)
    expect(lagged.ledger.memory?.ended?.size).toBe(1)
  })

  it('that was only hidden begins where it did when somebody first looked', async () => {
    const bills = { topic: 'bills', partition: 0 }
    const { topics } = lagged.world.clusters.west.topics
    const hidden = topics.get('bills')
    lagged.world.write('west', bills, 5)
    await lagged.sampleLater()
    topics.delete('bills')
    await lagged.sampleLater()
    lagged.logs.starts.set('bills-0', 3n)
    if (hidden !== undefined) topics.set('bills', hidden)
    expect(await gone()).toBe(3)
  })

  it('is one that was only hidden when it is seen again', async () => {
    const { topics } = lagged.world.clusters.west.topics
    const orders = topics.get('orders')
    remove()
    await lagged.sampleLater()
    expect(await gone(LATER_MS)).toBe(6)
    if (orders !== undefined) topics.set('orders', orders)
    expect((await lagged.sampleLater()).lag).toMatchObject({ records: 6, gone: 0 })
    expect(lagged.ledger.memory?.ended).toBeUndefined()
  })

  it('is none that may not be described, that nobody answers for, or that a source without any topic does not show', async () => {
    const { topics: west } = lagged.world.clusters.west
    west.hidden.add('orders')
    expect([await gone(), await gone(LATER_MS)]).toEqual([0, 0])
    west.hidden.clear()
    west.reachable = false
    expect([await gone(), await gone(LATER_MS)]).toEqual([0, 0])
    west.reachable = true
    west.topics.clear()
    expect([await gone(), await gone(LATER_MS)]).toEqual([0, 0])
    expect(lagged.ledger.memory?.ended).toBeUndefined()
  })

  it('before a failover stops the link counts them as gone also at rest, until the ledger names them', async () => {
    remove()
    await lagged.sampleLater()
    map().status = { mode: 'stopped', role: 'active', epoch: 1 }
    lagged.world.clusters.west.topics.topics.delete('bills')
    expect((await lagged.sampleLater(LATER_MS)).lag).toMatchObject({ records: 0, lagMs: 0, gone: 6 })
    expect([...(lagged.ledger.memory?.ended?.keys() ?? [])]).toEqual([`${life} orders-0`])
    expect(await gone(20 * LATER_MS)).toBe(6)
    await map().recordGap(HERE, tail())
    const { lag, accounts } = await lagged.sampleLater()
    expect([lag.gone, accounts?.link.lost]).toEqual([0, 6])
  })

  it('owes nothing on a link at rest', async () => {
    map().status = { mode: 'stopped', role: 'active', epoch: 1 }
    remove()
    expect([await gone(), await gone(LATER_MS)]).toEqual([0, 0])
    map().status = { mode: 'forwarding', role: 'standby', epoch: 2 }
    expect([await gone(), await gone(LATER_MS)]).toEqual([0, 0])
  })

  it('has not lost heartbeats, which nobody misses', async () => {
    lagged = new LagWorld({ links: { topics: ['orders', HEARTBEAT_TOPIC] } })
    lagged.world.write('west', HEARTBEAT_PARTITION, 2)
    await lagged.invoke()
    lagged.world.clusters.west.topics.topics.delete(HEARTBEAT_TOPIC)
    await lagged.sampleLater()
    expect(lagged.ledger.memory?.ended).toBeUndefined()
  })

  it('is asked for in the ledger until it is accounted for, and not any more', async () => {
    remove()
    const deps = lagged.deps()
    let asked = 0
    const gaps: typeof deps.map.gaps = (...args) => {
      asked++
      return deps.map.gaps(...args)
    }
    const counted = { ...deps, map: replacing(deps.map, { gaps }) }
    await lagged.sampleLater(EVERY_MS, counted)
    await map().recordGap(HERE, tail())
    for (const _look of [1, 2, 3]) await lagged.sampleLater(EVERY_MS, counted)
    expect(asked).toBe(2)
  })

  it('is told by another process as well, and by one that stopped before it had remembered', async () => {
    remove()
    const before = lagged.ledger.memory
    await lagged.sampleLater()
    lagged.ledger.memory = before
    await lagged.sampleLater()
    expect(await gone(LATER_MS)).toBe(6)
  })

  it('is as it was while ledger or map cannot be read', async () => {
    remove()
    await map().recordGap(HERE, tail())
    const deps = lagged.deps()
    const broken = { ...deps.map, gaps: () => Promise.reject(new ReplicationError('STATE_UNREACHABLE', 'injected')) }
    await lagged.sampleLater(EVERY_MS, { ...deps, map: broken })
    const report = await lagged.sampleLater(LATER_MS, { ...deps, map: broken })
    expect(report.lag.gone).toBe(6)
    expect(report.troubles.join()).toContain('injected')
    expect(await gone()).toBe(0)
  })
})

describe('a topic that is made anew with records of its earlier life that were not replicated', () => {
  it('counts them as gone, beside what waits of the new one', async () => {
    remake('life-2')
    await lagged.sampleLater()
    expect((await lagged.sampleLater(LATER_MS)).lag).toMatchObject({ records: 10, gone: 6 })
    await map().recordGap(HERE, tail())
    expect((await lagged.sampleLater()).lag).toMatchObject({ records: 10, gone: 0 })
  })

  it('is noticed at once by its ends, although the list of topics is not a minute old', async () => {
    const deps = lagged.deps()
    await lagged.sampleLater(EVERY_MS, deps)
    remake('life-2')
    lagged.world.log('west', HERE).length = 3
    await lagged.sampleLater(EVERY_MS, deps)
    expect([...(lagged.ledger.memory?.ended?.values() ?? [])]).toMatchObject([{ incarnation: life, end: 10n }])
  })

  it('has lost what the map of the earlier life does not hold, when its head was closed while nobody looked', async () => {
    await replicatedTo(7n)
    const head = map().head(HERE) as Head
    const [run = { source: 0n, target: 0n, length: 4n }] = head.openRuns
    await map().seal(HERE, [{ incarnation: life, runs: [run], followedBy: { source: 7n } }])
    await map().advance(HERE, head, { ...head, incarnation: 'life-2', nextSource: 0n, openRuns: [] })
    remake('life-2')
    await lagged.sampleLater()
    expect(await gone(LATER_MS)).toBe(3)
  })

  it('has lost what was surely of its earlier life, when the new one has more records before anybody asks for lives', async () => {
    const deps = lagged.deps()
    await lagged.sampleLater(EVERY_MS, deps)
    remake('life-2')
    lagged.world.write('west', HERE, 3)
    await lagged.sampleLater(EVERY_MS, deps)
    await lagged.sampleLater(EVERY_MS)
    expect([...(lagged.ledger.memory?.ended?.values() ?? [])]).toMatchObject([{ incarnation: life, end: 10n }])
    expect(await gone(LATER_MS)).toBe(6)
  })

  it('has lost all of it when the new one has fewer records, although nobody had asked for lives since the last came', async () => {
    const deps = lagged.deps()
    await lagged.sampleLater(EVERY_MS, deps)
    lagged.world.write('west', HERE, 5)
    await lagged.sampleLater(EVERY_MS, deps)
    remake('life-2')
    lagged.world.log('west', HERE).length = 3
    await lagged.sampleLater(EVERY_MS, deps)
    expect(await gone(LATER_MS)).toBe(11)
  })

  it('has lost what was taken for markers, when those were of the new one', async () => {
    const deps = lagged.deps()
    await lagged.sampleLater(EVERY_MS, deps)
    remake('life-2')
    lagged.world.log('west', HERE).length = 0
    lagged.world.write('west', HERE, 6, 'markers')
    lagged.world.write('west', HERE, 6)
    await lagged.sampleLater(EVERY_MS, deps)
    await lagged.sampleLater(EVERY_MS)
    expect(await gone(LATER_MS)).toBe(6)
  })

  it('has each of its lives accounted for', async () => {
    remake('life-2')
    await lagged.sampleLater()
    remake('life-3')
    await lagged.sampleLater()
    expect(await gone(LATER_MS)).toBe(6 + 10)
    await map().recordGap(HERE, tail())
    expect(await gone()).toBe(10)
  })
})
