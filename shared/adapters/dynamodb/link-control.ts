import { isDeepStrictEqual } from 'node:util'
import type { LinkStatus } from '../../domain/head.ts'
import type { PartitionId } from '../../domain/record.ts'
import type { Deadline, LinkControl } from '../../usecases/ports.ts'
import { headKey, partitionOfHead } from './item-keys.ts'
import { type LinkTable, namesIn } from './link-table.ts'
import { statusItem, statusOf } from './status-item.ts'
import { type Item, integer, StoredItem, text } from './stored-item.ts'

const nobodyChangedItYet = 'attribute_not_exists(#pk)'
const statusIsWhatWasRead = '(#mode = :mode AND #role = :role AND #epoch = :epoch)'

export const linkControl = (table: LinkTable): LinkControl => ({
  partitions: (deadline) => partitions(table, deadline),
  setStatus: (from, to, deadline) => setStatus(table, from, to, deadline),
})

const partitions = async (table: LinkTable, deadline: Deadline): Promise<readonly PartitionId[]> => {
  const isHead = '#sk = :head'
  const input = {
    FilterExpression: isHead,
    ProjectionExpression: '#pk, #sk',
    ExpressionAttributeNames: namesIn(`#pk ${isHead}`),
    ExpressionAttributeValues: { ':head': text(headKey({ topic: '', partition: 0 }).sk) },
  }
  const found: PartitionId[] = []
  for await (const items of table.scan(input, `listing the partitions in ${table.name}`, deadline)) {
    found.push(...items.map(parsePartition))
  }
  return found
}

const parsePartition = (item: Item): PartitionId => {
  const stored = new StoredItem(item)
  const partition = partitionOfHead({ pk: stored.text('pk'), sk: stored.text('sk') })
  return partition ?? stored.refuse('pk', 'PARTITION#<topic>#<partition>')
}

const setStatus = async (
  table: LinkTable,
  from: LinkStatus,
  to: LinkStatus,
  deadline: Deadline,
): Promise<'changed' | 'moved'> => {
  const values = { ':mode': text(from.mode), ':role': text(from.role), ':epoch': integer(from.epoch) }
  const isInitial = isDeepStrictEqual(from, table.initialStatus)
  const where = isInitial ? `${nobodyChangedItYet} OR ${statusIsWhatWasRead}` : statusIsWhatWasRead
  const doing = `setting the link to ${to.mode}, ${to.role}, epoch ${to.epoch}`
  const outcome = await table.put(statusItem(to), { where, values }, doing, deadline)
  if (outcome.written) return 'changed'
  return isDeepStrictEqual(statusOf(outcome.stored, table.initialStatus), to) ? 'changed' : 'moved'
}
