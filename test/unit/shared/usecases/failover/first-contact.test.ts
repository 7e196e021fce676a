import { describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { DEBTS, type Debt, type PendingDebts } from '../../../../../shared/domain/failover/pending-debts.ts'
import type { PairState } from '../../../../../shared/usecases/failover/failover-ports.ts'
import type { Fence } from '../../../../../shared/usecases/failover/fence-ports.ts'
import { type FirstContactDeps, settlements } from '../../../../../shared/usecases/failover/first-contact.ts'
import type { Deadline } from '../../../../../shared/usecases/ports.ts'
import { FailoverWorld } from '../../../../support/failover-world.ts'
import { inTime } from '../../../../support/in-time.ts'

const DEBTS_OF_FIRST: PendingDebts = { execution: 'first', epoch: 1, tail: 'export', since: 0, owed: DEBTS }
const GONE = new ReplicationError('SOURCE_UNREACHABLE', 'asking west: nobody answers')

/** How long whoever is gone is asked, at most. */
const askedFor = async (debt: Debt): Promise<readonly number[]> => {
  const given: number[] = []
  const gone = async (deadline: Deadline): Promise<never> => {
    given.push(deadline.at - Date.now())
    throw GONE
  }
  const pair = { read: gone } as Partial<PairState> as PairState
  const unasked = async (): Promise<never> => {
    throw new RangeError('nobody asks for that')
  }
  const apply: Fence['apply'] = (_cause, deadline) => gone(deadline)
  const fence: Fence = { name: 'fence', apply, prove: unasked, lift: unasked }
  const there = { name: 'pointer', point: (_cause: unknown, deadline: Deadline) => gone(deadline) }
  const deps = {
    order: new FailoverWorld().depsTo('east').order,
    forward: { pair },
    reverse: { pair },
    fences: [fence],
    there: [there],
    clock: Date,
  } as Partial<FirstContactDeps> as FirstContactDeps
  await expect(settlements(deps)[debt](DEBTS_OF_FIRST, inTime(60_000))).rejects.toBe(GONE)
  return given
}

describe('the first contact', () => {
  it.each([
    ['fence', 25_000],
    ['roles', 5_000],
    ['clients', 5_000],
  ] as const)('leaves time for the others when nobody answers who has to settle the %s', async (debt, mostMs) => {
    const given = await askedFor(debt)
    expect(given).toHaveLength(1)
    expect(given.every((ms) => ms <= mostMs)).toBe(true)
  })
})
