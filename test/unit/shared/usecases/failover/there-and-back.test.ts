import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settleTail } from '../../../../../shared/usecases/failover/settle-tail.ts'
import { FailoverMachine } from '../../../../support/failover-machine.ts'
import { FailoverWorld, OTHER, type Side, wayTo } from '../../../../support/failover-world.ts'
import { inTime } from '../../../../support/in-time.ts'
import { polledRecord } from '../../../../support/polled-records.ts'
import { tailInWorld } from '../../../../support/tail-in-world.ts'

type Happening =
  | { readonly kind: 'write' | 'replicate' | 'pass' | 'fail-over' | 'lose' | 'roll-back' }
  | { readonly kind: 'read'; readonly group: 'billing' | 'search'; readonly count: number }

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Happening>({ kind: 'write' }) },
  { weight: 3, arbitrary: fc.constant<Happening>({ kind: 'replicate' }) },
  { weight: 2, arbitrary: fc.constant<Happening>({ kind: 'pass' }) },
  { weight: 2, arbitrary: fc.constant<Happening>({ kind: 'fail-over' }) },
  { weight: 1, arbitrary: fc.constant<Happening>({ kind: 'roll-back' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      group: fc.constantFrom('billing' as const, 'search' as const),
      count: fc.integer({ min: 1, max: 9 }),
    }),
  },
)

/** Groups that read on the active side, wherever that is, and what each of them has seen. */
class MovingReaders {
  readonly seen = new Map<string, string[]>()
  readonly #world: FailoverWorld

  constructor(world: FailoverWorld) {
    this.#world = world
  }

  read(side: Side, group: string, count: number): void {
    const from = Number(this.#world.position(side, group) ?? 0n)
    const { values, next } = this.#world.read(side, from, count)
    this.seen.set(group, [...(this.seen.get(group) ?? []), ...values.filter((value) => value !== JUNK)])
    this.#world.commit(side, group, next)
  }
}

const JUNK = 'before replication began'

/** So that offsets of the two sides differ. */
const shiftedWorld = (shift: number): FailoverWorld => {
  const world = new FailoverWorld()
  for (let written = 0; written < shift; written++)
    world.clusters.east.log.writeForeign('orders', 0, polledRecord({ value: JUNK }))
  return world
}

type PlayedTail = 'export' | 'merge' | 'scrape'

const withoutJunk = (values: readonly string[]): readonly string[] => values.filter((value) => value !== JUNK)

/** The active side is gone, with what was not replicated; when it comes back that is stranded. */
const lose = async (world: FailoverWorld, active: Side, name: string, tail: PlayedTail): Promise<readonly string[]> => {
  const to = OTHER[active]
  for (const _ of [1, 2]) await world.passGroups(wayTo(to))
  world.setUp(active, false)
  expect(await new FailoverMachine(world, to, name, { mode: 'unplanned', tail }).run()).toBe('done')
  world.write(to, 2)
  world.setUp(active, true)
  const arrived = new Set(world.values(to))
  const stranded = world.values(active).filter((value) => !arrived.has(value))
  const settling = () => settleTail({ execution: name, tail }, inTime(), tailInWorld(world, to))
  const before = tail === 'export' ? undefined : settling
  expect(await world.settleDebts(to, before)).toMatchObject({ outcome: 'done' })
  return stranded
}

const play = async (history: readonly Happening[], shift: number, tail: PlayedTail = 'export') => {
  const world = shiftedWorld(shift)
  const readers = new MovingReaders(world)
  let active: Side = 'west'
  let promotions = 0
  const stranded = new Set<string>()
  for (const [at, one] of history.entries()) {
    if (one.kind === 'write') world.write(active, 3)
    if (one.kind === 'replicate') await world.poll(wayTo(OTHER[active]))
    if (one.kind === 'pass') for (const side of [OTHER[active], active]) await world.passGroups(wayTo(side))
    if (one.kind === 'read') readers.read(active, one.group, one.count)
    if (one.kind === 'roll-back') {
      const machine = new FailoverMachine(world, OTHER[active], `undone-${at}`)
      machine.refusing.add('boundary')
      expect(await machine.run()).toBe('rolled-back')
    }
    if (one.kind === 'lose') {
      for (const value of await lose(world, active, `lost-${at}`, tail)) stranded.add(value)
      active = OTHER[active]
      promotions++
    }
    if (one.kind === 'fail-over') {
      active = OTHER[active]
      promotions++
      expect(await new FailoverMachine(world, active, `failover-${at}`).run()).toBe('done')
      expect(world.status(wayTo(active)).epoch).toBe(promotions)
    }
  }
  await world.drain(wayTo(OTHER[active]))
  return { world, readers, active, stranded }
}

const lossy = fc.array(fc.oneof({ weight: 5, arbitrary: happening }, fc.constant<Happening>({ kind: 'lose' })), {
  minLength: 5,
  maxLength: 40,
  size: 'max',
})
const histories = fc.array(happening, { minLength: 5, maxLength: 40, size: 'max' })

describe('a pair that fails over there and back, again and again', () => {
  it('has every record once on each side, in order', async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.nat(4), async (history, shift) => {
        const { world } = await play(history, shift)
        const written = withoutJunk(world.values('west'))
        expect(withoutJunk(world.values('east'))).toEqual(written)
        expect(new Set(written).size).toBe(written.length)
      }),
      { numRuns: 150 },
    )
  })

  it('has every record but the stranded ones once on each side, in order, when a side was lost now and then', async () => {
    await fc.assert(
      fc.asyncProperty(lossy, fc.nat(4), async (history, shift) => {
        const { world, stranded } = await play(history, shift)
        const kept = (side: Side) => withoutJunk(world.values(side)).filter((value) => !stranded.has(value))
        expect(kept('east')).toEqual(kept('west'))
        for (const side of ['west', 'east'] as const) {
          const all = withoutJunk(world.values(side))
          expect(new Set(all).size).toBe(all.length)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('has every record once on each side when what was stranded is merged', async () => {
    await fc.assert(
      fc.asyncProperty(lossy, async (history) => {
        const { world, stranded } = await play(history, 0, 'merge')
        const [west, east] = [world.values('west'), world.values('east')]
        expect(west.toSorted()).toEqual(east.toSorted())
        expect(new Set(west).size).toBe(west.length)
        for (const value of stranded) expect(west).toContain(value)
      }),
      { numRuns: 150 },
    )
  })

  it('has every record once on each side, in one order, when what was left behind was emptied and filled again', async () => {
    await fc.assert(
      fc.asyncProperty(lossy, fc.nat(4), async (history, shift) => {
        const { world } = await play(history, shift, 'scrape')
        const written = withoutJunk(world.values('west'))
        expect(withoutJunk(world.values('east'))).toEqual(written)
        expect(new Set(written).size).toBe(written.length)
      }),
      { numRuns: 150 },
    )
  })

  it.each(['export', 'scrape'] as const)(
    'lets every group go on when a side was lost now and then: %s',
    async (tail) => {
      await fc.assert(
        fc.asyncProperty(lossy, fc.nat(4), async (history, shift) => {
          const { world, readers, active, stranded } = await play(history, shift, tail)
          for (const group of readers.seen.keys()) readers.read(active, group, 10_000)
          const kept = (values: readonly string[]) => withoutJunk(values).filter((value) => !stranded.has(value))
          for (const seen of readers.seen.values()) expect(kept(seen)).toEqual(kept(world.values(active)))
        }),
        { numRuns: 150 },
      )
    },
  )

  it('lets every group go on at the record that it has not read', async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.nat(4), async (history, shift) => {
        const { world, readers, active } = await play(history, shift)
        for (const group of readers.seen.keys()) readers.read(active, group, 10_000)
        for (const seen of readers.seen.values()) expect(seen).toEqual(withoutJunk(world.values(active)))
      }),
      { numRuns: 150 },
    )
  })
})
