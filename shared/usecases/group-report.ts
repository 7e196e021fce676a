import type { LeftOutGroup } from '../domain/groups/group-selection.ts'
import type { SkipReason } from '../domain/groups/position-verdict.ts'

/** How a position was translated. */
export type MoveKind = 'exact' | 'ahead' | 'before-start'

/** One position that was moved, or would be; offsets as decimal digits, since JSON has no integers of 64 bits. */
export interface MovedPosition {
  readonly partition: number
  /** What the group committed on the source. */
  readonly source: string
  /** What stood on the target; absent: nothing did. */
  readonly was?: string
  /** Where the group resumes on the target now. */
  readonly target: string
  readonly kind: MoveKind
  /** `ahead`: source offsets that it has read and that are not on the target yet; `before-start`: that the map begins later. */
  readonly by?: string
  /** It was set back, as the group was on the source. */
  readonly rewound?: true
  /** `live`: the group had members by then; `superseded`: another pass was faster. */
  readonly outcome: 'planned' | 'moved' | 'live' | 'superseded' | 'failed'
  readonly error?: string
}

/** Positions in one topic. */
export interface MovedTopic {
  readonly topic: string
  readonly targetTopic: string
  readonly positions: readonly MovedPosition[]
}

/** Partitions of one topic that were left for one reason. */
export interface SkippedPartitions {
  readonly topic: string
  /** Absent where no route leads to the target. */
  readonly targetTopic?: string
  readonly partitions: readonly number[]
  readonly because: SkipReason
  readonly detail: string
}

/** A group of which there is something to tell. */
export interface GroupReport {
  readonly group: string
  readonly moved: readonly MovedTopic[]
  readonly skipped: readonly SkippedPartitions[]
  /** Why nothing could be found out about it. */
  readonly error?: string
}

/** What a pass over the groups of a link did, or would do: plain JSON. */
export interface GroupPassReport {
  /** How many groups were compared. */
  readonly compared: number
  /** Groups and positions that were moved (in a plan: would be). */
  readonly groupsMoved: number
  readonly positionsMoved: number
  /** Groups that were left alone since they have members on the target. */
  readonly live: number
  /** Those that were moved, skipped in part, or failed; the others are in step. */
  readonly groups: readonly GroupReport[]
  readonly leftOut: readonly LeftOutGroup[]
  /** What could not be found out about a cluster, a broker or another link. */
  readonly troubles: readonly string[]
  /** Groups of which something failed. */
  readonly faulted: readonly string[]
}

/** Where one position of a group leads. */
export interface TranslatedPartition {
  /** On the source. */
  readonly topic: string
  readonly partition: number
  /** What is committed on the source; absent where it is `unstable`. */
  readonly source?: string
  readonly targetTopic?: string
  /** Where the group resumes on the target, translated now. */
  readonly target?: string
  readonly kind: MoveKind | 'unmapped' | 'unstable' | 'echo' | 'failed'
  /** As in `MovedPosition`. */
  readonly by?: string
  /** What is committed on the target now. */
  readonly committed?: string
  /** Records read again by a group that resumes at `target`, and at `committed`; absent where it cannot be told. */
  readonly readAgain?: { readonly atTarget: string; readonly atCommitted?: string }
  /** Why it leads nowhere, or not further. */
  readonly detail?: string
}

/** What `translate` answers of one group: plain JSON. */
export interface GroupTranslation {
  readonly group: string
  /** `absent`: the cluster does not know it, or the login may not describe it. */
  readonly onSource: 'live' | 'empty' | 'absent'
  readonly onTarget: 'live' | 'empty' | 'absent'
  /** Why the link does not move it by itself. */
  readonly leftOut?: LeftOutGroup
  readonly partitions: readonly TranslatedPartition[]
  readonly troubles: readonly string[]
}
