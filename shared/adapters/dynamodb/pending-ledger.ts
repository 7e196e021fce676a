import { isDeepStrictEqual } from 'node:util'
import { TAIL_CHOICES } from '../../domain/failover/failover-input.ts'
import { PENDING_TASKS, type PendingTask, type PendingWork } from '../../domain/failover/pending-work.ts'
import type { PendingLedger } from '../../usecases/failover/pending-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { PENDING_KEY } from './item-keys.ts'
import type { LinkTable } from './link-table.ts'
import { type Item, integer, StoredItem, text } from './stored-item.ts'

const nothingWaits = 'attribute_not_exists(#pk)'
const itIsWhatWasRead = '(#execution = :execution AND #waiting = :waiting)'

export const pendingLedger = (table: LinkTable): PendingLedger => ({
  read: async (deadline) => {
    const [item] = await table.getAll([PENDING_KEY], `reading what waits in ${table.name}`, deadline)
    return item === undefined ? undefined : parseWork(item)
  },
  save: async (from, to, deadline) => await save(table, from, to, deadline),
})

const workItem = ({ execution, startedAt, epoch, tail, waiting }: PendingWork): Item => ({
  pk: text(PENDING_KEY.pk),
  sk: text(PENDING_KEY.sk),
  execution: text(execution),
  startedAt: integer(startedAt),
  epoch: integer(epoch),
  tail: text(tail),
  waiting: tasksOf(waiting),
})

const tasksOf = (waiting: readonly PendingTask[]) => ({ L: waiting.map(text) })

const parseWork = (item: Item): PendingWork => {
  const stored = new StoredItem(item)
  const waiting = stored.texts('waiting')
  return {
    execution: stored.text('execution'),
    startedAt: stored.number('startedAt'),
    epoch: stored.number('epoch'),
    tail: stored.oneOf('tail', TAIL_CHOICES),
    waiting: PENDING_TASKS.filter((task) => waiting.includes(task)),
  }
}

const save = async (
  table: LinkTable,
  from: PendingWork | undefined,
  to: PendingWork,
  deadline: Deadline,
): Promise<'saved' | 'moved'> => {
  const values = from && { ':execution': text(from.execution), ':waiting': tasksOf(from.waiting) }
  const condition = values === undefined ? { where: nothingWaits } : { where: itIsWhatWasRead, values }
  const doing = `writing what waits of ${to.execution} in ${table.name}`
  if (to.waiting.length === 0) return await takeAway(table, condition, doing, deadline)
  const outcome = await table.put(workItem(to), condition, doing, deadline)
  const isThere = !outcome.written && outcome.stored !== undefined && isDeepStrictEqual(parseWork(outcome.stored), to)
  return outcome.written || isThere ? 'saved' : 'moved'
}

/** What is gone already was taken away by a request whose answer was lost. */
const takeAway = async (
  table: LinkTable,
  { where, values }: { readonly where: string; readonly values?: Item | undefined },
  doing: string,
  deadline: Deadline,
): Promise<'saved' | 'moved'> => {
  const condition = { where: where === nothingWaits ? where : `${nothingWaits} OR ${where}`, ...(values && { values }) }
  const outcome = await table.remove(PENDING_KEY, condition, doing, deadline)
  return outcome.written ? 'saved' : 'moved'
}
