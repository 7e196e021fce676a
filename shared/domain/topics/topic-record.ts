import type { KeyedFrom } from './keyless-past.ts'

/** What a link remembers of one topic of its source. */
export interface TopicRecord {
  /** The life of the source topic that is replicated. */
  readonly incarnation: string
  readonly targetTopic: string
  /** An operator has stopped its mapping. */
  readonly paused: boolean
  /** Its mapping is switched off until its poller has forgotten where it stood, since the topic is a new one. */
  readonly restarting: boolean
  /** The life that was seen when it began to restart. It begins when a later look sees it again. */
  readonly next?: string
  /** The life before `incarnation`, which is over: whoever still shows it has not heard of the new one. */
  readonly earlier?: string
  /** Kept while its compaction waits, since the ends of the source move on. */
  readonly keyedFrom?: KeyedFrom
  /** When the source was first seen without it, in milliseconds since 1970. */
  readonly missingSince?: number
  /** When its target topic was removed after that, in milliseconds since 1970. A later topic of that name is not ours. */
  readonly removedAt?: number
}

export const isSameRecord = (one: TopicRecord, other: TopicRecord): boolean =>
  one.incarnation === other.incarnation &&
  one.targetTopic === other.targetTopic &&
  one.paused === other.paused &&
  one.restarting === other.restarting &&
  one.next === other.next &&
  one.earlier === other.earlier &&
  one.missingSince === other.missingSince &&
  one.removedAt === other.removedAt &&
  one.keyedFrom?.join() === other.keyedFrom?.join()
