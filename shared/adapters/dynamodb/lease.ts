import type { Lease } from '../../usecases/lease-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { leaseKey } from './item-keys.ts'
import type { LinkTable } from './link-table.ts'
import { type Item, integer, text } from './stored-item.ts'

const nobodyHasIt = 'attribute_not_exists(#pk)'
const itIsOurs = '#owner = :owner'
const itHasRunOut = '#until <= :now'

/** `name`: what the lease is for. Somebody else's clock may differ by a little, and so may the time between two owners. */
export const lease = (table: LinkTable, name: string): Lease => ({
  acquire: (owner, now, until, deadline) => acquire(table, { name, owner, now, until }, deadline),
  release: (owner, deadline) => release(table, { name, owner }, deadline),
})

const leaseItem = (name: string, owner: string, until: number): Item => {
  const { pk, sk } = leaseKey(name)
  return { pk: text(pk), sk: text(sk), owner: text(owner), until: integer(until) }
}

interface Claim {
  readonly name: string
  readonly owner: string
}

const acquire = async (
  table: LinkTable,
  { name, owner, now, until }: Claim & { readonly now: number; readonly until: number },
  deadline: Deadline,
): Promise<'acquired' | 'held'> => {
  const where = [nobodyHasIt, itIsOurs, itHasRunOut].join(' OR ')
  const values = { ':owner': text(owner), ':now': integer(now) }
  const doing = `taking the lease ${name} in ${table.name}`
  const outcome = await table.put(leaseItem(name, owner, until), { where, values }, doing, deadline)
  return outcome.written ? 'acquired' : 'held'
}

const release = async (table: LinkTable, { name, owner }: Claim, deadline: Deadline): Promise<void> => {
  const condition = { where: itIsOurs, values: { ':owner': text(owner) } }
  await table.put(leaseItem(name, owner, 0), condition, `giving back the lease ${name} in ${table.name}`, deadline)
}
