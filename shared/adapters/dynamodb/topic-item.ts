import type { TopicRecord } from '../../domain/topic-record.ts'
import { topicKey } from './item-keys.ts'
import { flag, type Item, integer, optional, StoredItem, text } from './stored-item.ts'

export const topicItem = (topic: string, record: TopicRecord): Item => {
  const { pk, sk } = topicKey(topic)
  return { pk: text(pk), sk: text(sk), ...recordAttributes(record) }
}

/** What a record is made of, without its key. */
export const recordAttributes = ({
  incarnation,
  targetTopic,
  paused,
  restarting,
  missingSince,
}: TopicRecord): Item => ({
  incarnation: text(incarnation),
  targetTopic: text(targetTopic),
  paused: flag(paused),
  restarting: flag(restarting),
  ...optional('missingSince', missingSince === undefined ? undefined : integer(missingSince)),
})

/** The attributes that a record may lack. */
export const OPTIONAL_ATTRIBUTES = ['missingSince'] as const

export const parseTopic = (item: Item): readonly [topic: string, record: TopicRecord] => {
  const stored = new StoredItem(item)
  const record = {
    incarnation: stored.text('incarnation'),
    targetTopic: stored.text('targetTopic'),
    paused: stored.flag('paused'),
    restarting: stored.flag('restarting'),
    ...(stored.has('missingSince') && { missingSince: stored.number('missingSince') }),
  }
  return [stored.text('sk'), record]
}
