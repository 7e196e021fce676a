import { describe, expect, it } from 'vitest'
import type { PendingDebts } from '../../../../../shared/domain/failover/pending-debts.ts'
import type { LinkStatus } from '../../../../../shared/domain/head.ts'
import { settlements } from '../../../../../shared/usecases/failover/first-contact.ts'
import type { TailDeps } from '../../../../../shared/usecases/failover/settle-tail.ts'
import { FailoverMachine } from '../../../../support/failover-machine.ts'
import { FailoverWorld } from '../../../../support/failover-world.ts'
import { inTime } from '../../../../support/in-time.ts'
import { tailInWorld } from '../../../../support/tail-in-world.ts'

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
    forward: { pair: world.links['west-east'].table },
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
    expect(without).toEqual({ outcome: 'refused', message: 'nothing is emptied that no link fills again' })
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
})
