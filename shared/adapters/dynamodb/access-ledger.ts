import { randomUUID } from 'node:crypto'
import { type RegisteredRight, rightText } from '../../domain/access/own-right.ts'
import type { AccessLedger } from '../../usecases/access/access-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { ACCESS_KEY, type FENCES_KEY, type HELD_KEY } from './item-keys.ts'
import { type LinkTable, namesIn } from './link-table.ts'
import { parseRight, rightItem, rightKey } from './right-item.ts'
import { text } from './stored-item.ts'

const whateverIsThere = 'attribute_not_exists(#pk) OR attribute_exists(#pk)'
const markIsWhatWasRead = '#mark = :mark'
const itIsGoneAlready = 'attribute_not_exists(#pk)'

type Registry = typeof ACCESS_KEY | typeof FENCES_KEY | typeof HELD_KEY

/** `registry`: of the rights that a link made or held back on its target, or of the denials that its failovers made on its source. */
export const accessLedger = (table: LinkTable, registry: Registry = ACCESS_KEY): AccessLedger => ({
  entries: (deadline) => entries(table, registry, deadline),
  remember: async (right, deadline) => {
    const item = rightItem(registry, { right, mark: randomUUID() })
    await table.put(item, { where: whateverIsThere }, `registering the ${rightText(right)}`, deadline)
  },
  forget: (entry, deadline) => forget(table, registry, entry, deadline),
})

const entries = async (
  table: LinkTable,
  registry: Registry,
  deadline: Deadline,
): Promise<readonly RegisteredRight[]> => {
  const isRight = '#pk = :pk'
  const input = {
    KeyConditionExpression: isRight,
    ExpressionAttributeNames: namesIn(isRight),
    ExpressionAttributeValues: { ':pk': text(registry) },
  }
  const found: RegisteredRight[] = []
  for await (const items of table.query(input, `reading the rights in ${table.name}`, deadline))
    found.push(...items.map(parseRight))
  return found
}

/** When the answer gets lost and the SDK asks again, the entry that is gone was ours to remove. */
const forget = async (
  table: LinkTable,
  registry: Registry,
  { right, mark }: RegisteredRight,
  deadline: Deadline,
): Promise<'forgotten' | 'moved'> => {
  const condition = { where: `${itIsGoneAlready} OR ${markIsWhatWasRead}`, values: { ':mark': text(mark) } }
  const outcome = await table.remove(
    rightKey(registry, right),
    condition,
    `forgetting the ${rightText(right)}`,
    deadline,
  )
  return outcome.written ? 'forgotten' : 'moved'
}
