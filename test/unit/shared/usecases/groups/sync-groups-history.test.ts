import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SyncGroupsDeps } from '../../../../../shared/usecases/groups/sync-groups.ts'
import { Killer } from '../../../../support/killer.ts'
import { GroupWorld } from '../../../../support/sync-groups-world.ts'

const HERE = { topic: 'orders', partition: 0 }
const THERE = { topic: 'west.orders', partition: 0 }

type Step =
  | {
      readonly kind: 'write' | 'read' | 'rewind' | 'replicate' | 'read-there'
      readonly count: number
    }
  | { readonly kind: 'join' | 'leave' | 'pass' }
  | { readonly kind: 'killed'; readonly at: number; readonly when: 'before' | 'after' }

const counted = (...kinds: Extract<Step, { count: number }>['kind'][]) =>
  fc.record({ kind: fc.constantFrom(...kinds), count: fc.integer({ min: 1, max: 12 }) })

const stepsWith = (rewinds: boolean): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      counted('write', 'read', 'replicate', 'read-there', ...(rewinds ? (['rewind'] as const) : [])),
      fc.record({ kind: fc.constantFrom('join' as const, 'leave' as const, 'pass' as const) }),
      fc.record({
        kind: fc.constant('killed' as const),
        at: fc.integer({ min: 1, max: 16 }),
        when: fc.constantFrom('before' as const, 'after' as const),
      }),
    ),
    { minLength: 5, maxLength: 40, size: 'max' },
  )

/** A group that reads on both clusters, as its members there see it. */
class History {
  readonly world: GroupWorld
  #here = 0n
  live = false

  constructor(followRewinds: boolean) {
    this.world = new GroupWorld({ links: { followRewinds }, limits: { openRunsBytes: 12, pageBytes: 16 } })
    this.world.write('east', THERE, 3)
  }

  /** Some of it is replicated, and the group has read some of that. */
  async begin(): Promise<this> {
    this.world.write('west', HERE, 40)
    await this.world.replicate('west-east', HERE, 30)
    this.#commitHere(20n)
    return this
  }

  get there(): bigint | undefined {
    return this.world.position('east', 'billing', THERE)
  }

  async play(step: Step): Promise<void> {
    if (step.kind === 'write') this.world.write('west', HERE, step.count)
    else if (step.kind === 'replicate') await this.world.replicate('west-east', HERE, step.count)
    else if (step.kind === 'read') this.#commitHere(this.#here + BigInt(step.count))
    else if (step.kind === 'rewind') this.#rewind(BigInt(step.count))
    else if (step.kind === 'read-there') this.#readThere(step.count)
    else if (step.kind === 'join' || step.kind === 'leave') this.#turn(step.kind === 'join')
    else if (step.kind === 'pass') await this.world.pass()
    else if (step.kind === 'killed') await this.#passKilled(new Killer(step.at, step.when))
  }

  #commitHere(offset: bigint): void {
    const end = BigInt(this.world.log('west', HERE).length)
    this.#here = offset < end ? offset : end
    this.world.commit('west', 'billing', HERE, this.#here)
  }

  #rewind(count: bigint): void {
    if (this.#here < count) return
    this.#commitHere(this.#here - count)
  }

  #readThere(count: number): void {
    const end = this.world.log('east', THERE).length
    if (this.live) this.world.commit('east', 'billing', THERE, Math.min(Number(this.there ?? 0n) + count, end))
  }

  #turn(live: boolean): void {
    this.live = live
    if (live) this.world.clusters.east.groups.join('billing')
    else this.world.clusters.east.groups.leave('billing')
  }

  async #passKilled(killer: Killer): Promise<void> {
    const { memory, ...deps } = this.world.depsOf('west-east')
    const wrapped: SyncGroupsDeps = {
      ...deps,
      source: killer.wrap(deps.source),
      target: killer.wrap(deps.target),
      memory: { topics: killer.wrap(memory.topics), groups: killer.wrap(memory.groups), map: killer.wrap(memory.map) },
    }
    await this.world.pass('west-east', wrapped).catch((error: unknown) => {
      if (!(error instanceof Error) || error.message !== 'killed') throw error
    })
  }
}

const isPass = ({ kind }: Step): boolean => kind === 'pass' || kind === 'killed'

describe('whatever happens to a group, and wherever passes are killed', () => {
  it.each([true, false])(
    'a pass moves it only on while it did not go back, with followRewinds %s (I5)',
    async (follow) => {
      await fc.assert(
        fc.asyncProperty(stepsWith(!follow), async (steps) => {
          const history = await new History(follow).begin()
          for (const step of steps) {
            const before = history.there
            await history.play(step)
            if (isPass(step) && before !== undefined)
              expect(history.there !== undefined && history.there >= before).toBe(true)
          }
        }),
        { numRuns: 300 },
      )
    },
  )

  it.each([true, false])('a pass never touches it while it is live, with followRewinds %s', async (follow) => {
    await fc.assert(
      fc.asyncProperty(stepsWith(true), async (steps) => {
        const history = await new History(follow).begin()
        for (const step of steps) {
          const before = history.there
          await history.play(step)
          if (isPass(step) && history.live) expect(history.there).toBe(before)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('it never stands past the first record that it has not read, unless it read on there or was set back here', async () => {
    const steps = stepsWith(false).map((all) => all.filter(({ kind }) => kind !== 'read-there'))
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const history = await new History(false).begin()
        for (const step of all) await history.play(step)
        const { world } = history
        await world.pass()
        await world.replicate('west-east', HERE)
        const here = world.position('west', 'billing', HERE)
        if (here === undefined || history.there === undefined) return
        const [unread] = world.log('west', HERE).slice(Number(here))
        const at = world.log('east', THERE).findIndex((slot) => slot !== undefined && slot.id === unread?.id)
        expect(at === -1 || history.there <= BigInt(at)).toBe(true)
        history.world.clusters.east.groups.leave('billing')
        await world.pass()
        expect(history.there).toBe(BigInt(at === -1 ? world.log('east', THERE).length : at))
      }),
      { numRuns: 300 },
    )
  })

  it('a rewind arrives once the group is idle and passes live on, when the link follows rewinds', async () => {
    const steps = stepsWith(true).map((all) => all.filter(({ kind }) => kind !== 'read-there' && kind !== 'join'))
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const history = await new History(true).begin()
        for (const step of all) await history.play(step)
        const { world } = history
        await world.replicate('west-east', HERE)
        await world.pass()
        const here = world.position('west', 'billing', HERE)
        if (here === undefined || world.log('west', HERE).length === 0) return
        const [unread] = world.log('west', HERE).slice(Number(here))
        const at = world.log('east', THERE).findIndex((slot) => slot !== undefined && slot.id === unread?.id)
        expect(history.there).toBe(BigInt(at === -1 ? world.log('east', THERE).length : at))
      }),
      { numRuns: 500 },
    )
  })
})
