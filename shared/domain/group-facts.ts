/** How a group shares out its partitions. A share group has no committed offsets in the sense of the others. */
export type GroupKind = 'classic' | 'consumer' | 'share' | 'other'

export interface ListedGroup {
  readonly group: string
  readonly kind: GroupKind
  /** As the cluster says it: `Stable`, `Empty`, `Dead`, … Kinds of groups have states of their own. */
  readonly state: string
}

/** A committed offset as it was committed, so that it can be committed elsewhere without loss. */
export interface CommittedOffset {
  readonly offset: bigint
  /** Absent: whoever committed did not know it. */
  readonly leaderEpoch: number | undefined
  readonly metadata: string
}
