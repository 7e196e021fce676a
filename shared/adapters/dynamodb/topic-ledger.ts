import { isDeepStrictEqual } from 'node:util'
import type { TopicRecord } from '../../domain/topics/topic-record.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { TopicLedger } from '../../usecases/topics/topic-ports.ts'
import { TOPICS_KEY } from './item-keys.ts'
import { type Condition, type LinkTable, namesIn } from './link-table.ts'
import { type Item, text } from './stored-item.ts'
import { OPTIONAL_ATTRIBUTES, parseTopic, recordAttributes, topicItem } from './topic-item.ts'

const thereIsNoneYet = 'attribute_not_exists(#pk)'

export const topicLedger = (table: LinkTable): TopicLedger => ({
  topics: (deadline) => topics(table, deadline),
  remember: (topic, from, to, deadline) => remember(table, topic, from, to, deadline),
})

const topics = async (table: LinkTable, deadline: Deadline): Promise<ReadonlyMap<string, TopicRecord>> => {
  const isTopic = '#pk = :pk'
  const input = {
    KeyConditionExpression: isTopic,
    ExpressionAttributeNames: namesIn(isTopic),
    ExpressionAttributeValues: { ':pk': text(TOPICS_KEY) },
  }
  const found = new Map<string, TopicRecord>()
  for await (const items of table.query(input, `reading the topics in ${table.name}`, deadline))
    for (const [topic, record] of items.map(parseTopic)) found.set(topic, record)
  return found
}

/** Every attribute is what was read, and none is there that was not. */
const recordIsWhatWasRead = (read: Item): Condition => {
  const names = Object.keys(read)
  const absent = OPTIONAL_ATTRIBUTES.filter((name) => !names.includes(name))
  const clauses = [
    ...names.map((name) => `#${name} = :${name}`),
    ...absent.map((name) => `attribute_not_exists(#${name})`),
  ]
  const values = Object.fromEntries(Object.entries(read).map(([name, value]) => [`:${name}`, value]))
  return { where: clauses.join(' AND '), values }
}

const remember = async (
  table: LinkTable,
  topic: string,
  from: TopicRecord | undefined,
  to: TopicRecord,
  deadline: Deadline,
): Promise<'remembered' | 'moved'> => {
  const condition = from === undefined ? { where: thereIsNoneYet } : recordIsWhatWasRead(recordAttributes(from))
  const outcome = await table.put(topicItem(topic, to), condition, `remembering the topic ${topic}`, deadline)
  if (outcome.written) return 'remembered'
  const isOurOwnWrite = outcome.stored !== undefined && isDeepStrictEqual(parseTopic(outcome.stored), [topic, to])
  return isOurOwnWrite ? 'remembered' : 'moved'
}
