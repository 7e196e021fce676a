/** What a failover at this instant would do to one group; counts of records. */
export interface GroupLoss {
  readonly group: string
  /** Not on the target, and not read by the group on the source either. */
  readonly lost: number
  /** Read on the source, and again on the target by a group that resumes at what is committed there. */
  readonly reread: number
  /** Partitions of which nothing is committed on the target: where it resumes is a matter of its own settings. */
  readonly unplaced: number
}

/** Of all groups that the link moves. */
export interface FailoverLoss {
  /** When this was found out, milliseconds since 1970; it costs more than the rest and is done less often. */
  readonly at: number
  readonly groups: number
  readonly reread: number
  readonly unplaced: number
  /** The groups that it would hit hardest. */
  readonly worst: readonly GroupLoss[]
}

const WORST = 5

export const lossOf = (groups: readonly GroupLoss[], at: number): FailoverLoss => ({
  at,
  groups: groups.length,
  reread: groups.reduce((total, { reread }) => total + reread, 0),
  unplaced: groups.reduce((total, { unplaced }) => total + unplaced, 0),
  worst: groups
    .filter(({ lost, reread, unplaced }) => lost + reread + unplaced > 0)
    .sort((one, other) => other.lost + other.reread - (one.lost + one.reread) || other.unplaced - one.unplaced)
    .slice(0, WORST),
})
