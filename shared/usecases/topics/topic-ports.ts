import type { ReplicationError } from '../../domain/errors.ts'
import type { LinkMapping, MappingState } from '../../domain/topics/mapping-plan.ts'
import type { ClusterTopics, NewTopic, SettingChange, TopicSettings } from '../../domain/topics/topic-facts.ts'
import type { TopicRecord } from '../../domain/topics/topic-record.ts'
import type { Deadline } from '../ports.ts'

/** What became of each topic of a request, by name: one that was refused stops no other. */
export type PerTopic<Value> = ReadonlyMap<string, Value | ReplicationError>

/**
 * The topics of one cluster, for whoever keeps two clusters in step. Never makes a topic by accident. Requests are
 * batched: their number grows with topics divided by hundreds. What is refused for one topic is in the answer:
 * `TOPIC_REFUSED`, `TOPIC_DENIED` (names operation, resource and principal), `SOURCE_TOPIC_UNKNOWN` or
 * `TARGET_TOPIC_UNKNOWN`, or `…_UNREACHABLE` when time was up first and nobody knows what became of it.
 *
 * Throws `SOURCE_UNREACHABLE` or `TARGET_UNREACHABLE`, `LOGIN_REFUSED` or `CONFIG_INVALID` when no topic has an answer.
 * A cluster shows a change only after it was made: in a moment, or, when its brokers have thousands of logs to make first,
 * in a minute. Until then a new topic is absent from the list, and its settings are unknown.
 */
export interface TopicAdmin {
  /**
   * The cluster itself and all topics that the login may describe: Kafka leaves the others out without a word. Of those
   * in `named` it is told: what may not be described is in `undescribed`, as `TOPIC_DENIED`.
   * Whoever takes absence for deletion has to name the topic: a right that was taken away looks the same in a list.
   */
  describe(deadline: Deadline, named?: readonly string[]): Promise<ClusterTopics>
  settings(topics: readonly string[], deadline: Deadline): Promise<PerTopic<TopicSettings>>
  /**
   * Making a topic that exists is an error of that topic (`TOPIC_EXISTS`), also when it was made by an earlier try of
   * this very call whose answer was lost: the next look tells.
   */
  create(topics: readonly NewTopic[], deadline: Deadline): Promise<PerTopic<'created'>>
  /** To so many partitions in all; `grown` as well when it has as many already. */
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

/** Where the consumer group of a mapping goes on, on the source. */
export interface GroupPositions {
  /**
   * At these offsets, by partition; other partitions stay where they are. Only while nobody is in the group: throws
   * `GROUP_BUSY`, `GROUP_DENIED` or `TOPIC_DENIED` (name operation, resource and principal), or what the cluster throws.
   */
  rewind(group: string, topic: string, offsets: ReadonlyMap<number, bigint>, deadline: Deadline): Promise<void>
}

/** Which event source mappings the function of a link has. Throws `MAPPINGS_UNREACHABLE` or `MAPPINGS_DENIED`. */
interface MappingList {
  /** All of them, those of the stack and those made at run time. One that was just made may not be there yet. */
  list(deadline: Deadline): Promise<readonly LinkMapping[]>
}

/** To stop and go on. */
export interface MappingSwitch extends MappingList {
  /** The state that it passes through now; waits while it is on its way from another one. */
  enable(id: string, enabled: boolean, deadline: Deadline): Promise<MappingState | 'gone'>
}

/** To take away what was made at run time. */
export interface RunTimeMappings extends MappingList {
  /** Begins it; a mapping that is gone already is `removed`. `not-ours`: its tags do not say that this link made it. */
  remove(id: string, deadline: Deadline): Promise<'removed' | 'not-ours'>
}

/** All of it. What Lambda does not take is `MAPPING_REFUSED`, in Lambda's words. */
export interface MappingControl extends MappingSwitch, RunTimeMappings {
  /** Gives it the settings that the link wants of it now; its topic and source stay as they are. */
  update(id: string, topic: string, deadline: Deadline): Promise<MappingState | 'gone'>
  /** Tagged with the link. Making one that exists changes nothing and brings the one that is there. */
  create(topic: string, how: { readonly enabled: boolean }, deadline: Deadline): Promise<LinkMapping>
}
