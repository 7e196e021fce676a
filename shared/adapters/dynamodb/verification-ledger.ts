import type { VerificationSeen } from '../../domain/lag/link-verdict.ts'
import type { VerificationLedger } from '../../usecases/lag/lag-ports.ts'
import { VERIFICATION_KEY } from './item-keys.ts'
import type { LinkTable } from './link-table.ts'
import { type Item, integer, StoredItem, text } from './stored-item.ts'

const nobodyHasLooked = 'attribute_not_exists(#pk)'
const nobodyHasLookedLater = '#at <= :at'

export const verificationLedger = (table: LinkTable): VerificationLedger => ({
  read: async (deadline) => {
    const doing = `reading what verification found last in ${table.name}`
    const [item] = await table.getAll([VERIFICATION_KEY], doing, deadline)
    return item && parseSeen(item)
  },
  remember: async ({ at, differences }, deadline) => {
    const { pk, sk } = VERIFICATION_KEY
    const item: Item = { pk: text(pk), sk: text(sk), at: integer(at), differences: integer(differences) }
    const where = `${nobodyHasLooked} OR ${nobodyHasLookedLater}`
    const doing = `remembering what verification found in ${table.name}`
    await table.put(item, { where, values: { ':at': integer(at) } }, doing, deadline)
  },
})

const parseSeen = (item: Item): VerificationSeen => {
  const stored = new StoredItem(item)
  return { at: stored.number('at'), differences: stored.number('differences') }
}
