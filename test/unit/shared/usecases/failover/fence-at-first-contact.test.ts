import { describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import type { PendingDebts } from '../../../../../shared/domain/failover/pending-debts.ts'
import { type FirstContactDeps, settlements } from '../../../../../shared/usecases/failover/first-contact.ts'
import { FailoverWorld } from '../../../../support/failover-world.ts'
import { inTime } from '../../../../support/in-time.ts'
import { tailInWorld } from '../../../../support/tail-in-world.ts'

const DEBTS: PendingDebts = { execution: 'first', epoch: 1, tail: 'export', since: 1_000, owed: ['fence', 'clients'] }

/** The settlement of a fence that a pointer alone makes, which asks nothing of the cluster itself. */
const fenceWith = (own: Partial<Pick<FirstContactDeps, 'partitions' | 'reader'>>) => {
  const world = new FailoverWorld()
  const { order, rest, executions } = world.depsTo('east')
  const tail = tailInWorld(world, 'east')
  const { table } = world.links['west-east']
  return settlements({
    ...{ order, rest, executions, tail, fences: [], fencesOfTarget: [], here: [], there: [], stillMs: 1, clock: Date },
    ...{ partitions: tail.partitions, reader: tail.reader, ...own },
    forward: { pair: table, pending: table },
    turnBack: async () => ({ outcome: 'done' as const, message: 'played by the test' }),
  }).fence
}

describe('a fence that asks nothing of its cluster', () => {
  it('leaves time to the others while the cluster is gone', async () => {
    const given: number[] = []
    const partitions: FirstContactDeps['partitions'] = async (deadline) => {
      given.push(deadline.at - Date.now())
      throw new ReplicationError('SOURCE_UNREACHABLE', 'listing the topics of west: nobody answers')
    }
    await expect(fenceWith({ partitions })(DEBTS, inTime(52_000))).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
    expect(given).toHaveLength(1)
    expect(given[0]).toBeGreaterThan(20_000)
    expect(given[0]).toBeLessThan(30_000)
  })

  it('is proved for as long as there is time, once the cluster answers', async () => {
    const partitions: FirstContactDeps['partitions'] = async () => [{ topic: 'orders', partition: 0 }]
    const given: number[] = []
    const edges: FirstContactDeps['reader']['edges'] = async (_partitions, deadline) => {
      given.push(deadline.at - Date.now())
      return new Map([['orders-0', { start: 0n, end: 3n, stableEnd: 3n }]])
    }
    const fence = fenceWith({ partitions, reader: { edges } })
    expect(await fence(DEBTS, inTime(52_000))).toMatchObject({ outcome: 'done' })
    expect(given.every((ms) => ms > 45_000)).toBe(true)
    expect(given).toHaveLength(2)
  })
})
