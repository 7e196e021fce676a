import { describe, expect, it } from 'vitest'
import type { PendingDebts } from '../../../../../shared/domain/failover/pending-debts.ts'
import type { LinkStatus } from '../../../../../shared/domain/head.ts'
import { settlements } from '../../../../../shared/usecases/failover/first-contact.ts'
import type { TailDeps } from '../../../../../shared/usecases/failover/settle-tail.ts'
import { FailoverMachine } from '../../../../support/failover-machine.ts'
import { FailoverWorld } from '../../../../support/failover-world.ts'
import { inTime } from '../../../../support/in-time.ts'
import { tailInWorld } from '../../../../support/tail-in-world.ts'

const DECISION = { by: 'ana', reason: 'it has the only copies', at: 1 }

/** West was lost with a tail, and has come back; it is to be scraped. */
const lost = async (): Promise<{ readonly world: FailoverWorld; readonly debts: PendingDebts }> => {
  const world = new FailoverWorld()
  world.write('west', 5)
  await world.drain('west-east')
  world.write('west', 3)
  world.setUp('west', false)
  expect(await new FailoverMachine(world, 'east', 'first', { mode: 'unplanned', tail: 'scrape' }).run()).toBe('done')
  world.setUp('west', true)
  const { debts } = world.links['west-east'].table
  if (debts === undefined) throw new Error('nothing is owed')
  return { world, debts: { ...debts, tail: 'scrape' } }
}

const settleTailIn = async (
  world: FailoverWorld,
  debts: PendingDebts,
  { back = true, tail = tailInWorld(world, 'east') }: { readonly back?: boolean; readonly tail?: TailDeps } = {},
) => {
  const { order, clock, rest } = world.depsTo('east')
  const deps = {
    ...{ order, clock, rest, tail, fences: [], fencesOfTarget: [], here: [], there: [], stillMs: 1 },
    ...{ partitions: tail.partitions, reader: tail.reader },
    forward: { pair: world.links['west-east'].table, pending: world.links['west-east'].table },
    ...(back && { reverse: { pair: world.links['east-west'].table } }),
    turnBack: async () => ({ outcome: 'done' as const, message: 'played by the test' }),
  }
  return await settlements(deps).tail(debts, inTime())
}

describe('a tail that is to be scraped, at the first contact', () => {
  it('is settled where the link back stands still', async () => {
    const { world, debts } = await lost()
    expect(await settleTailIn(world, debts)).toMatchObject({ outcome: 'done' })
    expect(world.values('west')).toEqual([])
  })

  it('is left alone where no link leads back, or that one has begun', async () => {
    const { world, debts } = await lost()
    const without = await settleTailIn(world, debts, { back: false })
    expect(without).toEqual({ outcome: 'refused', message: 'nothing is emptied: no link fills it again' })
    for (const mode of ['forwarding', 'paused', 'draining'] as const) {
      world.links['east-west'].state.status = { mode, role: 'standby', epoch: 1 }
      const { outcome, message } = await settleTailIn(world, debts)
      expect([outcome, message]).toEqual(['refused', `nothing is emptied: the link back is ${mode}, and has begun`])
    }
    expect(world.values('west')).toHaveLength(8)
  })

  it('is not emptied once somebody has gone back while it was kept', async () => {
    for (const status of [
      { mode: 'forwarding', role: 'standby', epoch: 1 },
      { mode: 'stopped', role: 'active', epoch: 2 },
    ] satisfies LinkStatus[]) {
      const { world, debts } = await lost()
      const tail = tailInWorld(world, 'east')
      const returning: TailDeps['returning'] = async (...args) => {
        world.links['west-east'].state.status = status
        return await tail.returning(...args)
      }
      const settling = settleTailIn(world, debts, { tail: { ...tail, returning } })
      await expect(settling).rejects.toMatchObject({ code: 'EPOCH_STALE' })
      expect(world.values('west')).toHaveLength(8)
    }
  })

  it.each([
    [
      'the link back has begun',
      'the link back is forwarding, and has begun',
      (world: FailoverWorld) => {
        world.links['east-west'].state.status = { mode: 'forwarding', role: 'standby', epoch: 1 }
      },
    ],
    [
      'somebody has given that up',
      'emptying west was given up by ana: it has the only copies',
      (world: FailoverWorld) => world.links['west-east'].table.giveUp('first', DECISION),
    ],
  ])('is not emptied once %s while it was kept', async (_what, because, meanwhile) => {
    const { world, debts } = await lost()
    const tail = tailInWorld(world, 'east')
    const returning: TailDeps['returning'] = async (...args) => {
      await meanwhile(world)
      return await tail.returning(...args)
    }
    const settling = settleTailIn(world, debts, { tail: { ...tail, returning } })
    await expect(settling).rejects.toThrow(because)
    await expect(settling).rejects.toMatchObject({ code: 'CHECKPOINT_MOVED' })
    expect(world.values('west')).toHaveLength(8)
  })

  it('is exported and left where it is, once somebody has given it up', async () => {
    const { world, debts } = await lost()
    const tail = tailInWorld(world, 'east')
    await world.links['west-east'].table.giveUp('first', DECISION)
    const { outcome, message } = await settleTailIn(world, debts, { tail })
    expect(outcome).toBe('done')
    expect(message).toMatch(
      /^emptying west was given up by ana: it has the only copies; 3 stranded records in 1 partitions: kept in /,
    )
    expect(world.values('west')).toHaveLength(8)
    expect(await tail.ledger.parts('first', inTime())).toMatchObject([{ from: 5n, settledTo: 8n }])
  })
})
