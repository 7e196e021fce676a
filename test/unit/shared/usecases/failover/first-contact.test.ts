import { describe, expect, it } from 'vitest'
import type { LockHolder } from '../../../../../shared/domain/failover/pair-lock.ts'
import type { PendingDebts } from '../../../../../shared/domain/failover/pending-debts.ts'
import type { LinkStatus } from '../../../../../shared/domain/head.ts'
import { settlements } from '../../../../../shared/usecases/failover/first-contact.ts'
import type { TailDeps } from '../../../../../shared/usecases/failover/settle-tail.ts'
import { FailoverMachine } from '../../../../support/failover-machine.ts'
import { FailoverWorld, type Way } from '../../../../support/failover-world.ts'
import { inTime } from '../../../../support/in-time.ts'
import { tailInWorld } from '../../../../support/tail-in-world.ts'

const BACK = 'arn:aws:states:us-west-2:111122223333:execution:east-west:back'
const WAY_ON = "to leave it as it is: npx twinshore tail west-east first --give-up --reason '...'"
const DECISION = { what: 'scrape', by: 'ana', reason: 'it has the only copies', at: 1 } as const

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

const takeLock = (world: FailoverWorld, way: Way, by: string, purpose: LockHolder['purpose'] = 'failover') => {
  world.links[way].table.lock = { holder: { by, purpose, phase: 'acting', since: 1 }, reserved: 2 }
}

const settleTailIn = async (
  world: FailoverWorld,
  debts: PendingDebts,
  { back = true, tail = tailInWorld(world, 'east') }: { readonly back?: boolean; readonly tail?: TailDeps } = {},
) => {
  const { order, clock, rest, executions } = world.depsTo('east')
  const deps = {
    ...{ order, clock, rest, executions, tail, fences: [], fencesOfTarget: [], here: [], there: [], stillMs: 1 },
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
    expect(without).toEqual({ outcome: 'refused', message: `nothing is emptied: no link fills it again; ${WAY_ON}` })
    for (const mode of ['forwarding', 'paused', 'draining'] as const) {
      world.links['east-west'].state.status = { mode, role: 'standby', epoch: 1 }
      const { outcome, message } = await settleTailIn(world, debts)
      const because = `nothing is emptied: the link back is ${mode}, and has begun; ${WAY_ON}`
      expect([outcome, message]).toEqual(['refused', because])
    }
    expect(world.values('west')).toHaveLength(8)
  })

  it.each([1, 2])('is left alone where its cluster is the active one by its own table, in epoch %i', async (epoch) => {
    const { world, debts } = await lost()
    world.links['east-west'].state.status = { mode: 'stopped', role: 'active', epoch }
    const { outcome, message } = await settleTailIn(world, debts)
    expect(outcome).toBe('refused')
    expect(message).toContain(`nothing is emptied: it was made the active cluster in epoch ${epoch}`)
    expect(world.values('west')).toHaveLength(8)
  })

  it.each(['west-east', 'east-west'] as const)(
    'waits while another failover runs that has the lock in the table of %s',
    async (way) => {
      const { world, debts } = await lost()
      takeLock(world, way, BACK)
      world.running.add(BACK)
      const because = `nothing is emptied: ${BACK} has the lock of the pair, and is still running`
      expect(await settleTailIn(world, debts)).toEqual({ outcome: 'again', message: because })
      expect(world.values('west')).toHaveLength(8)
      world.running.delete(BACK)
      expect(await settleTailIn(world, debts)).toMatchObject({ outcome: 'done' })
    },
  )

  it.each([
    [
      'the failover that asked for it, which is held',
      'arn:aws:states:eu-west-1:1:execution:west-east:first',
      'failover',
    ],
    ['whoever settles what it owes', 'settling first', 'failover'],
    ['a drill', BACK, 'drill'],
  ] as const)('is settled while %s has the lock', async (_who, by, purpose) => {
    const { world, debts } = await lost()
    for (const way of ['west-east', 'east-west'] as const) takeLock(world, way, by, purpose)
    if (by.startsWith('arn:')) world.running.add(by)
    expect(await settleTailIn(world, debts)).toMatchObject({ outcome: 'done' })
    expect(world.values('west')).toEqual([])
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
      await expect(settling).rejects.toThrow('it is not the standby of epoch 1 any more')
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
      'its cluster was made the active one',
      'it was made the active cluster in epoch 2',
      (world: FailoverWorld) => {
        world.links['east-west'].state.status = { mode: 'stopped', role: 'active', epoch: 2 }
      },
    ],
    [
      'another failover has begun',
      `${BACK} has the lock of the pair`,
      (world: FailoverWorld) => {
        takeLock(world, 'east-west', BACK)
        world.running.add(BACK)
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
