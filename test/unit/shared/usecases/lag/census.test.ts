import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import type { Gap, Head } from '../../../../../shared/domain/head.ts'
import { Census } from '../../../../../shared/usecases/lag/census.ts'
import { inTime } from '../../../../support/in-time.ts'
import { LagWorld } from '../../../../support/lag-world.ts'

const HERE = { topic: 'orders', partition: 0 }
const THERE = { topic: 'west.orders', partition: 0 }
const LINK = 'west-east'

let lagged: LagWorld
beforeEach(() => {
  lagged = new LagWorld()
})

const accounts = async (afterMs = 10_000) => {
  await lagged.sampleLater(afterMs)
  return lagged.last.accounts
}
const lost = (from: bigint, to: bigint): Gap => {
  const incarnation = lagged.world.lifeOf(lagged.world.link(LINK), 'orders')
  return { incarnation, from, to, kind: 'lost', reason: 'why', at: lagged.world.now }
}

describe('the census of a link', () => {
  it('has the gaps of the ledger by kind, of link and topics', async () => {
    const { map } = lagged.world.memory(LINK)
    expect((await accounts())?.link).toMatchObject({ lost: 0, quarantined: 0, uncovered: 0 })
    await map.recordGap(HERE, lost(3n, 9n))
    const found = await accounts(600_000)
    expect(found?.link).toMatchObject({ lost: 6 })
    expect(found?.topics).toMatchObject([{ topic: 'orders', lost: 6 }])
  })

  it('has the target records between runs that no run covers: a batch that was appended twice, a foreign one', async () => {
    const { world } = lagged
    world.write('west', HERE, 9)
    await world.replicate(LINK, HERE, 4)
    await world.replicate(LINK, HERE, 3, { dies: true })
    expect((await accounts())?.link.uncovered).toBe(0) // behind the last run, where more may be on its way
    await world.replicate(LINK, HERE, 3)
    expect((await accounts())?.link.uncovered).toBe(3)
    world.write('east', THERE, 2)
    await world.replicate(LINK, HERE)
    expect((await accounts())?.link.uncovered).toBe(5)
  })

  it('is taken of a partition when its checkpoint has moved, and else every ten minutes', async () => {
    const { world } = lagged
    const { map } = world.memory(LINK)
    const gaps = map.gaps.bind(map)
    let asked = 0
    map.gaps = async (partition) => {
      asked++
      return await gaps(partition)
    }
    for (const [afterMs, times] of [
      [0, 1],
      [10_000, 1],
      [589_999, 1],
      [1, 2],
      [10_000, 2],
    ] as const) {
      await accounts(afterMs)
      expect(asked).toBe(times)
    }
    world.write('west', HERE, 1)
    await world.replicate(LINK, HERE)
    await accounts()
    expect(asked).toBe(3)
  })

  it('is none while not all partitions were counted, and then the last one stays', async () => {
    lagged = new LagWorld({ partitions: 700 })
    expect(await accounts()).toBeUndefined()
    const first = await accounts()
    expect(first).toBeDefined()
    lagged.ledger.memory = { ...lagged.ledger.memory, at: 0, looks: new Map(), ...(first && { accounts: first }) }
    const census = lagged.newCensus()
    await lagged.sampleLater(10_000, { ...lagged.deps(), census })
    expect(lagged.last.accounts).toEqual(first)
  })

  it('that cannot be taken keeps nobody from seeing the lag, and says why', async () => {
    const before = await accounts()
    const { map } = lagged.world.memory(LINK)
    map.gaps = async () => {
      throw new ReplicationError('STATE_THROTTLED', 'reading gaps')
    }
    lagged.world.write('west', HERE, 3)
    await lagged.world.replicate(LINK, HERE, 1)
    expect(await accounts()).toEqual(before)
    expect(lagged.last.lag.records).toBe(2)
    expect(lagged.last.troubles.join()).toContain('STATE_THROTTLED')
  })

  it('reads each sealed page once, and says so while it has not read all', async () => {
    const { world } = lagged
    const { map } = world.memory(LINK)
    for (let at = 0; at < 900; at++) {
      world.write('west', HERE, 1)
      world.write('west', HERE, 1, 'markers')
      await world.replicate(LINK, HERE, 2, { dies: at % 100 === 7 })
      if (at % 100 === 7) await world.replicate(LINK, HERE, 2)
    }
    await world.replicate(LINK, HERE)
    expect((await accounts())?.link).toMatchObject({ uncovered: 9 })
    const pages = () => (map.calls.get('pageAtSource') ?? 0) + (map.calls.get('oldestPage') ?? 0)
    const before = pages()
    await accounts()
    expect(pages()).toBe(before)
  })

  it('goes on with a map that was too long for one look, also when its partition stands still', async () => {
    lagged = new LagWorld({ limits: { openRunsBytes: 8, pageBytes: 12 } })
    const { world } = lagged
    for (let at = 0; at < 900; at++) {
      world.write('west', HERE, 1)
      world.write('west', HERE, 1, 'markers')
      await world.replicate(LINK, HERE, 2, { dies: at % 100 === 7 })
    }
    const twice = 9
    const first = await accounts()
    expect(first?.link).toMatchObject({ atLeast: true })
    expect(first?.link.uncovered).toBeLessThan(twice)
    for (const _look of [2, 3, 4]) await accounts()
    const later = await accounts()
    expect(later?.link).toMatchObject({ uncovered: twice })
    expect(later?.link).not.toHaveProperty('atLeast')
  })

  it('counts as the whole map does, whenever it looked in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('run', 'twice', 'look', 'late look'), { maxLength: 80, size: 'max' }),
        async (steps) => {
          lagged = new LagWorld({ limits: { openRunsBytes: 24, pageBytes: 40 } })
          const { world } = lagged
          const { map } = world.memory(LINK)
          const options = { link: world.link(LINK), state: map, clock: { now: () => world.now } }
          const [often, once] = [new Census(options), new Census(options)]
          const take = async (census: Census, head: Head | undefined) =>
            await census.take([{ ...HERE, ...(head && { head }) }], inTime())
          let twice = 0
          let read = { head: map.head(HERE), twice }
          for (const step of [...steps, 'run'] as const) {
            if (step === 'look') await take(often, map.head(HERE))
            else if (step === 'late look') {
              const { link } = (await take(often, read.head)) ?? {}
              expect(link?.uncovered).toBeLessThanOrEqual(twice)
              expect(link?.uncovered).toBeGreaterThanOrEqual(read.twice)
              read = { head: map.head(HERE), twice }
            } else {
              world.write('west', HERE, 1)
              world.write('west', HERE, 1, 'markers')
              if (step === 'twice') await world.replicate(LINK, HERE, 2, { dies: true })
              if (step === 'twice' && map.head(HERE) !== undefined) twice++
              await world.replicate(LINK, HERE, 2)
            }
          }
          const [one, other] = [await take(often, map.head(HERE)), await take(once, map.head(HERE))]
          expect(one?.link).toEqual(other?.link)
          expect(one?.link.uncovered).toBe(twice)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('tells nothing of the target where transactions leave markers', async () => {
    const { world } = lagged
    const state = world.memory(LINK).map
    const link = { provenance: false, delivery: 'exactly-once' } as const
    const found = await new Census({ link, state, clock: { now: () => world.now } }).take([HERE], inTime())
    expect(found?.link).not.toHaveProperty('uncovered')
  })
})
