import type { ReplicationError } from '../../domain/errors.ts'
import type { CommittedOffset, ListedGroup } from '../../domain/groups/group-facts.ts'
import type { GroupRecord, GroupRecords } from '../../domain/groups/group-record.ts'
import type { Deadline } from '../ports.ts'

/** `unstable`: a transaction that would move it is still open, so that what is committed may be about to change. */
export type OffsetAnswer =
  | ({ readonly kind: 'committed' } & CommittedOffset)
  | { readonly kind: 'unstable' }
  | { readonly kind: 'failed'; readonly error: ReplicationError }

/** By topic and partition. What is absent was never committed, or its offset has expired: that is not offset zero. */
export type GroupOffsets = ReadonlyMap<string, ReadonlyMap<number, OffsetAnswer>>

/** The groups of a cluster that the login may describe: Kafka leaves the others out without a word. */
export interface GroupList {
  readonly groups: ReadonlyMap<string, ListedGroup>
  /** Brokers that did not answer: the groups that they coordinate are absent. */
  readonly troubles: readonly ReplicationError[]
}

/** What a group shall have, by topic and partition. */
export type NewOffsets = ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>>

/** `live`: the coordinator refused it since the group has members by now; nothing of the group was changed. */
export type CommitAnswer =
  | { readonly kind: 'committed' }
  | { readonly kind: 'live' }
  | { readonly kind: 'failed'; readonly error: ReplicationError }

/** By topic and partition; every one that was asked for has an answer. */
export type CommitAnswers = ReadonlyMap<string, ReadonlyMap<number, CommitAnswer>>

/**
 * The consumer groups of one cluster, for whoever keeps two clusters in step. Deletes nothing, joins nothing. The number
 * of requests grows with groups divided by tens; but Kafka takes a commit of one group at a time. A group that fails (`GROUP_DENIED`, which names operation,
 * resource and principal; `SOURCE_UNREACHABLE` or `TARGET_UNREACHABLE` when its coordinator did not answer in time) stops
 * no other. Throws the same when no group has an answer, `LOGIN_REFUSED` or `CONFIG_INVALID`.
 */
export interface GroupAdmin {
  /** All kinds, told apart. */
  list(deadline: Deadline): Promise<GroupList>
  /**
   * Of all topics that the login may describe: Kafka leaves the others out without a word, as it does where the only commit
   * is still in a transaction. Waits a moment for transactions that are about to end, and says `unstable` of those that do not.
   * Leaves half of the time to whoever goes on with the groups that have answers.
   */
  committed(
    groups: readonly string[],
    deadline: Deadline,
  ): Promise<ReadonlyMap<string, GroupOffsets | ReplicationError>>
  /** As nobody's member, which the coordinator takes only while the group has none: the guard that no race passes. */
  commit(offsets: ReadonlyMap<string, NewOffsets>, deadline: Deadline): Promise<ReadonlyMap<string, CommitAnswers>>
}

/** What is remembered of what a link published for groups, between one pass and the next. */
export interface GroupLedger {
  records(deadline: Deadline): Promise<GroupRecords>
  /** Replaces the record, when it is still the one that was read (`undefined`: there is none yet). */
  remember(
    targetTopic: string,
    group: string,
    from: GroupRecord | undefined,
    to: GroupRecord,
    deadline: Deadline,
  ): Promise<'remembered' | 'moved'>
}
