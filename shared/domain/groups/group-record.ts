/** Which life of which topic of the source a position was committed in. */
export interface Origin {
  readonly topic: string
  /** Kafka's topic id on the source. */
  readonly incarnation: string
}

/** What a link published for one partition of a group. It is written down before it is committed. */
export interface PublishedPosition {
  readonly origin: Origin
  /** What the group had committed on the source. */
  readonly source: bigint
  /** What the target was to have. */
  readonly target: bigint
  /** What stood on the target; absent: nothing did. */
  readonly was?: bigint
  /**
   * What this link published before and may stand on the target still, newest first: who died or slept after the ledger was
   * written has not committed, or may yet do so.
   */
  readonly earlier: readonly bigint[]
  /** It lowers what stood on the target, which was not seen to have happened. */
  readonly rewindOwed?: true
}

/** What a link remembers of one group in one topic of the target. */
export interface GroupRecord {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly positions: ReadonlyMap<number, PublishedPosition>
}

/** What a link remembers of all groups, by `groupRecordName`. */
export type GroupRecords = ReadonlyMap<string, GroupRecord>

/** How many positions may be on their way at once; more would take more passes dying in a row, each at the same place. */
const REMEMBERED_EARLIER = 3

type NewPosition = Pick<PublishedPosition, 'origin' | 'source' | 'target' | 'was' | 'rewindOwed'>

/** What follows `before`, once it is known what stands on the target now. */
export const nextPosition = (before: PublishedPosition | undefined, next: NewPosition): PublishedPosition => {
  const stands = before !== undefined && before.target === next.was
  const possible = before === undefined ? [] : [before.target, ...(stands ? [] : before.earlier)]
  const earlier = [...new Set(possible)].filter((offset) => offset !== next.target)
  return { ...next, earlier: earlier.slice(0, REMEMBERED_EARLIER) }
}

/** Whether a position that stands on the target is one that the link itself put there. */
export const isEcho = (published: PublishedPosition | undefined, standing: bigint): boolean =>
  published !== undefined && (published.target === standing || published.earlier.includes(standing))

/** Whether the target stands where it stood when a rewind was begun, or where an earlier pass may have put it since. */
export const isRewindOwed = ({ rewindOwed, was, earlier }: PublishedPosition, standing: bigint): boolean =>
  rewindOwed === true && (was === standing || earlier.includes(standing))

/** Whether the target stands below what was published, and not where the link left it: a commit of ours may be under way. */
export const isSetBack = ({ target, was, earlier }: PublishedPosition, standing: bigint): boolean =>
  standing < target && standing !== was && !earlier.includes(standing)

export const isSameOrigin = (one: Origin, other: Origin): boolean =>
  one.topic === other.topic && one.incarnation === other.incarnation

export const isSamePosition = (one: PublishedPosition | undefined, other: PublishedPosition): boolean =>
  one !== undefined &&
  isSameOrigin(one.origin, other.origin) &&
  one.source === other.source &&
  one.target === other.target &&
  one.was === other.was &&
  one.rewindOwed === other.rewindOwed &&
  one.earlier.join() === other.earlier.join()

/** What DynamoDB takes as a sort key. */
const SORT_KEY_BYTES = 1_024

/** Kafka allows no `#` in the name of a topic. */
export const groupRecordName = (targetTopic: string, group: string): string => `${targetTopic}#${group}`

export const canBeRemembered = (targetTopic: string, group: string): boolean =>
  new TextEncoder().encode(groupRecordName(targetTopic, group)).length <= SORT_KEY_BYTES
