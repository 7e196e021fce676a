import { isDeepStrictEqual } from 'node:util'
import type { GroupRecord, GroupRecords } from '../../domain/groups/group-record.ts'
import type { GroupLedger } from '../../usecases/groups/group-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { groupItem, parseGroup, recordAttributes } from './group-item.ts'
import { GROUPS_KEY } from './item-keys.ts'
import { type Condition, type LinkTable, namesIn } from './link-table.ts'
import { text } from './stored-item.ts'

const thereIsNoneYet = 'attribute_not_exists(#pk)'
const recordIsWhatWasRead = '#at = :at AND #origins = :origins AND #positions = :positions'

export const groupLedger = (table: LinkTable): GroupLedger => ({
  records: (deadline) => records(table, deadline),
  remember: (targetTopic, group, from, to, deadline) => remember(table, { targetTopic, group }, from, to, deadline),
})

/** Also those that have expired and are not deleted yet: what they say is as true as it was. */
const records = async (table: LinkTable, deadline: Deadline): Promise<GroupRecords> => {
  const isGroup = '#pk = :pk'
  const input = {
    KeyConditionExpression: isGroup,
    ExpressionAttributeNames: namesIn(isGroup),
    ExpressionAttributeValues: { ':pk': text(GROUPS_KEY) },
  }
  const found = new Map<string, GroupRecord>()
  for await (const items of table.query(input, `reading the groups in ${table.name}`, deadline))
    for (const [name, record] of items.map(parseGroup)) found.set(name, record)
  return found
}

const stillTheRecord = (from: GroupRecord | undefined): Condition => {
  if (from === undefined) return { where: thereIsNoneYet }
  const read = Object.entries(recordAttributes(from))
  return { where: recordIsWhatWasRead, values: Object.fromEntries(read.map(([name, value]) => [`:${name}`, value])) }
}

const remember = async (
  table: LinkTable,
  { targetTopic, group }: { readonly targetTopic: string; readonly group: string },
  from: GroupRecord | undefined,
  to: GroupRecord,
  deadline: Deadline,
): Promise<'remembered' | 'moved'> => {
  const item = { ...groupItem(targetTopic, group, to), ...table.expiry() }
  const doing = `remembering the group ${group} in ${targetTopic}`
  const outcome = await table.put(item, stillTheRecord(from), doing, deadline)
  if (outcome.written) return 'remembered'
  const isOurOwnWrite = outcome.stored !== undefined && isDeepStrictEqual(parseGroup(outcome.stored)[1], to)
  return isOurOwnWrite ? 'remembered' : 'moved'
}
