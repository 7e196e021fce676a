import { DRILL_KEY } from '../../domain/failover/drill-key.ts'
import type { DrillLedger } from '../../usecases/failover/watch-failover.ts'
import type { LinkTable } from './link-table.ts'
import { integer, StoredItem, text } from './stored-item.ts'

const nobodyHasLookedYet = 'attribute_not_exists(#pk)'

/** The drills of a direction, in the table of its link; the state machine itself notes the good ones (`last`). */
export const drillLedger = (table: LinkTable): DrillLedger => ({
  drills: async (now, deadline) => {
    const doing = `reading when a drill went well in ${table.name}`
    const [known] = await table.getAll([DRILL_KEY], doing, deadline)
    if (known !== undefined) return parseDrills(new StoredItem(known))
    const item = { pk: text(DRILL_KEY.pk), sk: text(DRILL_KEY.sk), since: integer(now) }
    const outcome = await table.put(item, { where: nobodyHasLookedYet }, doing, deadline)
    return outcome.written || outcome.stored === undefined
      ? { since: now }
      : parseDrills(new StoredItem(outcome.stored))
  },
})

const parseDrills = (stored: StoredItem) => ({
  since: stored.number('since'),
  ...(stored.has('last') && { last: stored.number('last') }),
})
