import type { TopicRecord } from '../../domain/topics/topic-record.ts'
import { topicKey } from './item-keys.ts'
import { flag, type Item, integer, integers, optional, StoredItem, text } from './stored-item.ts'

export const topicItem = (topic: string, record: TopicRecord): Item => {
  const { pk, sk } = topicKey(topic)
  return { pk: text(pk), sk: text(sk), ...recordAttributes(record) }
}

/** When something happened, for what has not happened to every topic. */
const MOMENTS = ['missingSince', 'removedAt'] as const

/** Other lives than the one that is replicated. */
const LIVES = ['next', 'earlier'] as const

/** The attributes that a record may lack. */
export const OPTIONAL_ATTRIBUTES: readonly string[] = [...MOMENTS, ...LIVES, 'keyedFrom']

/** What a record is made of, without its key. */
export const recordAttributes = (record: TopicRecord): Item => ({
  incarnation: text(record.incarnation),
  targetTopic: text(record.targetTopic),
  paused: flag(record.paused),
  restarting: flag(record.restarting),
  ...optional('keyedFrom', record.keyedFrom && integers(record.keyedFrom)),
  ...present(LIVES, record, text),
  ...present(MOMENTS, record, integer),
})

const present = <Name extends keyof TopicRecord>(
  names: readonly Name[],
  record: TopicRecord,
  write: (value: NonNullable<TopicRecord[Name]>) => Item[string],
): Item =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = record[name]
      return value === undefined ? [] : [[name, write(value)]]
    }),
  )

export const parseTopic = (item: Item): readonly [topic: string, record: TopicRecord] => {
  const stored = new StoredItem(item)
  const record = {
    incarnation: stored.text('incarnation'),
    targetTopic: stored.text('targetTopic'),
    paused: stored.flag('paused'),
    restarting: stored.flag('restarting'),
    ...(stored.has('next') && { next: stored.text('next') }),
    ...(stored.has('earlier') && { earlier: stored.text('earlier') }),
    ...(stored.has('keyedFrom') && { keyedFrom: stored.offsets('keyedFrom') }),
    ...(stored.has('missingSince') && { missingSince: stored.number('missingSince') }),
    ...(stored.has('removedAt') && { removedAt: stored.number('removedAt') }),
  }
  return [stored.text('sk'), record]
}
