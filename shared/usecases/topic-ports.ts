import type { ReplicationError } from '../domain/errors.ts'
import type { LinkMapping, MappingState } from '../domain/mapping-plan.ts'
import type { ClusterTopics, NewTopic, SettingChange, TopicSettings } from '../domain/topic-facts.ts'
import type { TopicRecord } from '../domain/topic-record.ts'
import type { Deadline } from './ports.ts'

/** What became of each topic of a request, by name: one that was refused stops no other. */
export type PerTopic<Value> = ReadonlyMap<string, Value | ReplicationError>

/**
 * The topics of one cluster, for whoever keeps two clusters in step. Never makes a topic by accident. Requests are
 * batched: their number grows with topics divided by hundreds. Throws `SOURCE_UNREACHABLE` or `TARGET_UNREACHABLE`, and
 * `LOGIN_REFUSED` when the login may not do the whole of what was asked; what is refused for one topic is in the answer.
 */
export interface TopicAdmin {
  /** All topics that the login may describe, and the cluster itself. */
  describe(deadline: Deadline): Promise<ClusterTopics>
  settings(topics: readonly string[], deadline: Deadline): Promise<PerTopic<TopicSettings>>
  /** Making a topic that exists is an error of that topic (`TOPIC_EXISTS`). */
  create(topics: readonly NewTopic[], deadline: Deadline): Promise<PerTopic<'created'>>
  /** To so many partitions in all. */
  grow(counts: ReadonlyMap<string, number>, deadline: Deadline): Promise<PerTopic<'grown'>>
  /** Incremental: what is not named is left alone. */
  alter(changes: ReadonlyMap<string, readonly SettingChange[]>, deadline: Deadline): Promise<PerTopic<'altered'>>
  remove(topics: readonly string[], deadline: Deadline): Promise<PerTopic<'removed'>>
}

/** What is remembered of the topics of a link, between one pass and the next. */
export interface TopicLedger {
  topics(deadline: Deadline): Promise<ReadonlyMap<string, TopicRecord>>
  /** Replaces the record, when it is still the one that was read (`undefined`: there is none yet). */
  remember(
    topic: string,
    from: TopicRecord | undefined,
    to: TopicRecord,
    deadline: Deadline,
  ): Promise<'remembered' | 'moved'>
}

/** The event source mappings of one link's function. Throws `MAPPINGS_UNREACHABLE`. */
export interface MappingControl {
  /** All of them, those of the stack and those made at run time. */
  list(deadline: Deadline): Promise<readonly LinkMapping[]>
  /** Tagged with the link. Making one that exists changes nothing. */
  create(topic: string, how: { readonly enabled: boolean }, deadline: Deadline): Promise<LinkMapping>
  enable(id: string, enabled: boolean, deadline: Deadline): Promise<MappingState>
  remove(id: string, deadline: Deadline): Promise<void>
}
