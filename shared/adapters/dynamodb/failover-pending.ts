import { ReplicationError } from '../../domain/errors.ts'
import { TAIL_CHOICES } from '../../domain/failover/failover-input.ts'
import { DEBTS, type Debt, type PendingDebts } from '../../domain/failover/pending-debts.ts'
import type { PendingLedger } from '../../usecases/failover/failover-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { failoverGivenUp } from './failover-given-up.ts'
import { LOCK_KEY, PENDING_KEY } from './failover-keys.ts'
import type { Condition, Guard, LinkTable } from './link-table.ts'
import { type Item, integer, StoredItem, text } from './stored-item.ts'

const nothingIsOwedYet = 'attribute_not_exists(#pk)'
const itOwesWhatWasRead = '#execution = :execution AND #owed = :owed'
const theLockIsOurs = '#by = :by AND #phase = :acting'

/** Two failovers at most write it, and the function that settles it. */
const ATTEMPTS = 5

/** What waits for the first contact with the old active side. */
export const failoverPending = (table: LinkTable): PendingLedger => ({
  pending: (deadline) => read(table, deadline),
  owe: (by, debts, deadline) => owe(table, by, debts, deadline),
  settle: (execution, debt, deadline) => settle(table, execution, debt, deadline),
  ...failoverGivenUp(table),
})

const read = async (table: LinkTable, deadline: Deadline): Promise<PendingDebts | undefined> => {
  const [item] = await table.getAll([PENDING_KEY], `reading what failovers still owe in ${table.name}`, deadline)
  return item && parsePending(item)
}

const owe = async (
  table: LinkTable,
  by: string,
  debts: PendingDebts,
  deadline: Deadline,
): Promise<'owed' | 'other' | 'not-held'> => {
  const values = { ':by': text(by), ':acting': text('acting') }
  const guard: Guard = { key: LOCK_KEY, where: theLockIsOurs, values }
  const doing = `noting what the failover ${debts.execution} owes`
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const known = await read(table, deadline)
    const isOther = known !== undefined && known.execution !== debts.execution
    const owed = new Set([...(known?.owed ?? []), ...debts.owed])
    const item = isOther ? known : { ...(known ?? debts), owed: DEBTS.filter((debt) => owed.has(debt)) }
    const outcome = await table.putGuarded(pendingItem(item), isAsItWasRead(known), guard, doing, deadline)
    if (outcome.written) return isOther ? 'other' : 'owed'
    if (!outcome.guarded) return 'not-held'
  }
  throw keepsMoving(doing)
}

const settle = async (table: LinkTable, execution: string, debt: Debt, deadline: Deadline): Promise<void> => {
  const doing = `noting that the failover ${execution} does not owe its ${debt} any more`
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const known = await read(table, deadline)
    if (known?.execution !== execution || !known.owed.includes(debt)) return
    const owed = known.owed.filter((other) => other !== debt)
    const condition = isAsItWasRead(known)
    const outcome =
      owed.length === 0
        ? await table.remove(PENDING_KEY, condition, doing, deadline)
        : await table.put(pendingItem({ ...known, owed }), condition, doing, deadline)
    if (outcome.written) return
  }
  throw keepsMoving(doing)
}

const keepsMoving = (doing: string): ReplicationError =>
  new ReplicationError('CHECKPOINT_MOVED', `${doing}: it was changed meanwhile, again and again`)

const owedText = (owed: readonly Debt[]): string => owed.join(' ')

const isAsItWasRead = (known: PendingDebts | undefined): Condition => {
  if (known === undefined) return { where: nothingIsOwedYet }
  const values = { ':execution': text(known.execution), ':owed': text(owedText(known.owed)) }
  return { where: itOwesWhatWasRead, values }
}

const pendingItem = ({ execution, epoch, tail, since, owed }: PendingDebts): Item => ({
  pk: text(PENDING_KEY.pk),
  sk: text(PENDING_KEY.sk),
  execution: text(execution),
  epoch: integer(epoch),
  tail: text(tail),
  since: integer(since),
  owed: text(owedText(owed)),
})

const parsePending = (item: Item): PendingDebts => {
  const stored = new StoredItem(item)
  const words = stored.text('owed').split(' ')
  const owed = DEBTS.filter((debt) => words.includes(debt))
  if (owed.length !== words.length) stored.refuse('owed', DEBTS.join(' or '))
  return {
    execution: stored.text('execution'),
    epoch: stored.number('epoch'),
    tail: stored.oneOf('tail', TAIL_CHOICES),
    since: stored.number('since'),
    owed,
  }
}
