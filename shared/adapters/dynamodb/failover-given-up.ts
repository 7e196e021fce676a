import { isDeepStrictEqual } from 'node:util'
import type { GivenUp, GivenUpScope } from '../../domain/failover/given-up.ts'
import type { PendingLedger } from '../../usecases/failover/failover-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { givenUpKey } from './failover-keys.ts'
import type { LinkTable } from './link-table.ts'
import { integer, StoredItem, text } from './stored-item.ts'

const nobodyHasYet = 'attribute_not_exists(#pk)'

/** Which executions owe nothing any more of what they could not do, and who has decided it. */
export const failoverGivenUp = (table: LinkTable): Pick<PendingLedger, 'giveUp' | 'givenUp'> => ({
  giveUp: (execution, decision, deadline) => giveUp(table, execution, decision, deadline),
  givenUp: (execution, what, deadline) => givenUp(table, execution, what, deadline),
})

/** A write whose answer was lost meets its own decision when it is made again. */
const giveUp = async (
  table: LinkTable,
  execution: string,
  decision: GivenUp,
  deadline: Deadline,
): Promise<'given-up' | 'given-up-before'> => {
  const { what, by, reason, at } = decision
  const { pk, sk } = givenUpKey(execution, what)
  const item = { pk: text(pk), sk: text(sk), by: text(by), reason: text(reason), at: integer(at) }
  const doing = `giving up what ${execution} owes`
  const { written } = await table.put(item, { where: nobodyHasYet }, doing, deadline)
  if (written || isDeepStrictEqual(await givenUp(table, execution, what, deadline), decision)) return 'given-up'
  return 'given-up-before'
}

const givenUp = async (
  table: LinkTable,
  execution: string,
  what: GivenUpScope,
  deadline: Deadline,
): Promise<GivenUp | undefined> => {
  const doing = `reading what was given up of ${execution}`
  const [item] = await table.getAll([givenUpKey(execution, what)], doing, deadline)
  if (item === undefined) return undefined
  const stored = new StoredItem(item)
  return { what, by: stored.text('by'), reason: stored.text('reason'), at: stored.number('at') }
}
