import { beforeEach, describe, expect, it } from 'vitest'
import type { FailoverInput } from '../../../../../shared/domain/failover/failover-input.ts'
import type { PerformStep } from '../../../../../shared/usecases/failover/failover-ports.ts'
import { followingReaders } from '../../../../../shared/usecases/failover/follow-readers.ts'
import { groups } from '../../../../../shared/usecases/failover/groups.ts'
import { FailoverDataWorld } from '../../../../support/failover-data-world.ts'

const ORDERS = { topic: 'orders', partition: 0 }

let there: FailoverDataWorld
beforeEach(async () => {
  there = new FailoverDataWorld()
  there.world.write('west', ORDERS, 10)
  await there.world.replicate('west-east', ORDERS)
})

const commit = (offset: number) => there.world.commit('west', 'billing', ORDERS, offset)
const standsAt = () => there.world.position('east', 'billing', ORDERS)
const point: PerformStep<unknown> = async () => ({ outcome: 'done', message: `pointed, billing at ${standsAt()}` })

/** The groups are moved, the link is stopped, and the group reads on until clients are switched. */
const readOn = async (input: Partial<FailoverInput> = {}) => {
  commit(4)
  const { facts } = await there.run(groups, input)
  there.remember('groups', facts ?? {})
  there.world.memory('west-east').map.status = { mode: 'stopped', role: 'active', epoch: 3 }
  commit(9)
  return await there.run(followingReaders(point), input)
}

describe('groups that read on until clients are switched', () => {
  it('are moved once more before that, though the link is stopped', async () => {
    expect(await readOn()).toMatchObject({
      outcome: 'done',
      message: 'pointed, billing at 9; 1 positions of groups that read on were moved',
      facts: { followed: 1 },
    })
  })

  it('read nothing twice and skip nothing, however often they commit before each pass and after it', async () => {
    there = new FailoverDataWorld()
    there.world.write('west', ORDERS, 3, 'markers')
    there.world.write('west', ORDERS, 40)
    await there.world.replicate('west-east', ORDERS)
    const pass = there.functions.groupPass
    let next = 3
    const read = (records: number) => {
      next += records
      commit(next)
    }
    there.functions.groupPass = async (mode) => {
      read(2)
      const facts = await pass(mode)
      read(3)
      return facts
    }
    const { outcome, facts } = await there.run(groups)
    there.remember('groups', facts ?? {}, { outcome })
    read(4)
    const { message } = await there.run(followingReaders(point))
    expect([outcome, next]).toEqual(['done', 27])
    expect(message).toContain(`billing at ${next - 3}`) // without the markers it is the record that it had not read
  })

  it('stay where they are where nobody has moved them, and where somebody chose where they go', async () => {
    expect(await readOn({ mode: 'drill' })).toEqual({ outcome: 'done', message: 'pointed, billing at undefined' })
    expect(await readOn({ positions: { kind: 'earliest' } })).toEqual({
      outcome: 'done',
      message: 'pointed, billing at undefined',
    })
  })

  it.each(['drill', 'unplanned'] as const)(
    'stay where they are in a failover that is %s, whatever was done',
    async (mode) => {
      commit(4)
      there.remember('groups', { passes: 2 })
      expect(await there.run(followingReaders(point), { mode })).toMatchObject({
        message: 'pointed, billing at undefined',
      })
    },
  )

  it('keep nobody from being switched when they cannot be found', async () => {
    commit(4)
    there.remember('groups', { passes: 2 })
    there.loseSource()
    const { outcome, message } = await there.run(followingReaders(point))
    expect(outcome).toBe('done')
    expect(message).toMatch(/^pointed, .*; groups that read on could not be moved: /u)
  })
})
