import { describe, expect, it } from 'vitest'
import type { TailChoice } from '../../../../../shared/domain/failover/failover-input.ts'
import { settleTail, type TailDeps } from '../../../../../shared/usecases/failover/settle-tail.ts'
import { FailoverMachine } from '../../../../support/failover-machine.ts'
import { FailoverWorld } from '../../../../support/failover-world.ts'
import { inTime } from '../../../../support/in-time.ts'
import { Killer } from '../../../../support/killer.ts'
import { tailInWorld } from '../../../../support/tail-in-world.ts'

const ORDERS = { topic: 'orders', partition: 0 }
const REPLICATED = 10
const STRANDED = 5

/** West was lost with a tail; applications have written to east since, and their groups have read some of that. */
const lostWorld = async (tail: TailChoice = 'merge'): Promise<FailoverWorld> => {
  const world = new FailoverWorld()
  world.write('west', REPLICATED)
  await world.drain('west-east')
  world.write('west', STRANDED)
  world.setUp('west', false)
  expect(await new FailoverMachine(world, 'east', 'first', { mode: 'unplanned', tail }).run()).toBe('done')
  world.write('east', 4)
  world.setUp('west', true)
  return world
}

const merge = (tail: TailDeps) => settleTail({ execution: 'first', tail: 'merge' }, inTime(), tail)

const settled = async (world: FailoverWorld, tail = tailInWorld(world, 'east')): Promise<void> => {
  const answer = await world.settleDebts('east', async () => {
    world.write('east', 2)
    expect(await merge(tail)).toMatchObject({ outcome: 'done' })
    world.write('east', 3)
  })
  expect(answer).toMatchObject({ outcome: 'done' })
  await world.drain('east-west')
}

const isOnceOnEachSide = (world: FailoverWorld, records: number): void => {
  for (const side of ['west', 'east'] as const) {
    const values = world.values(side)
    expect(values, side).toHaveLength(records)
    expect(new Set(values).size, side).toBe(records)
  }
}

describe('a stranded tail that was merged', () => {
  it('is not copied back to where it was written', async () => {
    const world = await lostWorld()
    await settled(world)
    isOnceOnEachSide(world, 24)
    expect(await world.links['west-east'].state.gaps(ORDERS)).toEqual([])
  })

  it('is once on each side after the failback, and so is what is written then', async () => {
    const world = await lostWorld()
    await settled(world)
    expect(await new FailoverMachine(world, 'west', 'back', { mode: 'failback' }).run()).toBe('done')
    world.write('west', 6)
    await world.drain('west-east')
    isOnceOnEachSide(world, 30)
    expect(world.values('east').slice(-6)).toEqual(world.values('west').slice(-6))
  })

  it('is once on each side whenever whoever appends it dies', async () => {
    for (let at = 1; at <= 4; at++)
      for (const when of ['before', 'after'] as const) {
        const world = await lostWorld()
        const tail = tailInWorld(world, 'east')
        const killer = new Killer(at, when)
        const dying = { ...tail, target: killer.wrap(tail.target), state: killer.wrap(tail.state) }
        await merge(dying).catch(() => undefined)
        await settled(world, tail)
        isOnceOnEachSide(world, 24)
      }
  })

  it('is skipped by no group that goes back before it has read it', async () => {
    for (let read = REPLICATED; read <= 24; read++) {
      const world = await lostWorld()
      await settled(world)
      const unread = world.values('east').slice(read)
      world.commit('east', 'billing', read)
      expect(await new FailoverMachine(world, 'west', 'back', { mode: 'failback' }).run()).toBe('done')
      const resumes = Number(world.position('west', 'billing') ?? 0n)
      expect(world.values('west').slice(resumes), `at ${read}`).toEqual(expect.arrayContaining(unread))
    }
  })
})

describe('a stranded tail that was left where it is', () => {
  it('is met on the way back by groups that had not read so far before, and by no others', async () => {
    for (let read = 0; read <= REPLICATED + 6; read++) {
      const world = await lostWorld('export')
      const arrived = new Set(world.values('east'))
      const stranded = world.values('west').filter((value) => !arrived.has(value))
      expect(stranded).toHaveLength(STRANDED)
      expect(await world.settleDebts('east')).toMatchObject({ outcome: 'done' })
      world.write('east', 2)
      await world.drain('east-west')
      const unread = world.values('east').slice(read)
      world.commit('east', 'billing', read)
      expect(await new FailoverMachine(world, 'west', 'back', { mode: 'failback' }).run()).toBe('done')
      const met = world.values('west').slice(Number(world.position('west', 'billing') ?? 0n))
      expect(
        met.filter((value) => !stranded.includes(value)),
        `at ${read}`,
      ).toEqual(unread)
      expect(
        met.filter((value) => stranded.includes(value)),
        `at ${read}`,
      ).toHaveLength(read < REPLICATED ? STRANDED : 0)
    }
  })
})
