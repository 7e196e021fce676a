import { randomUUID } from 'node:crypto'
import { type RegisteredRight, rightText } from '../../domain/access/own-right.ts'
import type { AccessLedger } from '../../usecases/access/access-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { ACCESS_KEY } from './item-keys.ts'
import { type LinkTable, namesIn } from './link-table.ts'
import { parseRight, rightItem, rightKey } from './right-item.ts'
import { text } from './stored-item.ts'

const whateverIsThere = 'attribute_not_exists(#pk) OR attribute_exists(#pk)'
const markIsWhatWasRead = '#mark = :mark'
const itIsGoneAlready = 'attribute_not_exists(#pk)'

export const accessLedger = (table: LinkTable): AccessLedger => ({
  entries: (deadline) => entries(table, deadline),
  remember: async (right, deadline) => {
    const item = rightItem({ right, mark: randomUUID() })
    await table.put(item, { where: whateverIsThere }, `registering the ${rightText(right)}`, deadline)
  },
  forget: (entry, deadline) => forget(table, entry, deadline),
})

const entries = async (table: LinkTable, deadline: Deadline): Promise<readonly RegisteredRight[]> => {
  const isRight = '#pk = :pk'
  const input = {
    KeyConditionExpression: isRight,
    ExpressionAttributeNames: namesIn(isRight),
    ExpressionAttributeValues: { ':pk': text(ACCESS_KEY) },
  }
  const found: RegisteredRight[] = []
  for await (const items of table.query(input, `reading the rights in ${table.name}`, deadline))
    found.push(...items.map(parseRight))
  return found
}

/** When the answer gets lost and the SDK asks again, the entry that is gone was ours to remove. */
const forget = async (
  table: LinkTable,
  { right, mark }: RegisteredRight,
  deadline: Deadline,
): Promise<'forgotten' | 'moved'> => {
  const condition = { where: `${itIsGoneAlready} OR ${markIsWhatWasRead}`, values: { ':mark': text(mark) } }
  const outcome = await table.remove(rightKey(right), condition, `forgetting the ${rightText(right)}`, deadline)
  return outcome.written ? 'forgotten' : 'moved'
}
