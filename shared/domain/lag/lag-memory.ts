import type { Accounts } from './accounts.ts'
import type { EndedLives } from './ended-life.ts'
import type { FailoverLoss } from './failover-loss.ts'
import type { PartitionLook } from './partition-look.ts'

/** What is remembered between one sample and the next. */
export interface LagMemory {
  /** When the last sample was taken, milliseconds since 1970. */
  readonly at: number
  /** By `partitionName`. */
  readonly looks: ReadonlyMap<string, PartitionLook>
  /** When a sample was last taken that had asked which lives the topics are in; absent: never. */
  readonly topicsAt?: number
  /** Absent: there are none. */
  readonly ended?: EndedLives
  readonly sourceUnreachableSince?: number
  readonly failover?: FailoverLoss
  readonly accounts?: Accounts
}

/** Of all partitions of a link together: some 250 KB when they all lag, of at most ten bytes each. */
const MOST_RISES = 25_000
const [FEWEST, MANY] = [30, 2_000]

/** How many rises are kept of each partition. */
export const risesEach = (partitions: number): number =>
  Math.min(MANY, Math.max(FEWEST, Math.floor(MOST_RISES / Math.max(1, partitions))))
