import type { LinkStatus } from '../head.ts'
import type { FailoverLoss } from './failover-loss.ts'
import type { LagFigures, PartitionLag, TopicLag } from './lag-figures.ts'

/** What one sample found of a link. */
export interface LagReport {
  readonly link: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly mode: LinkStatus['mode']
  /** Of the whole link but its heartbeats; `records` is what a failover at this instant would lose. */
  readonly lag: LagFigures
  /** The worst first. */
  readonly topics: readonly TopicLag[]
  /** The five partitions that are worst off, but those of heartbeats. */
  readonly worst: readonly PartitionLag[]
  readonly partitions: number
  /** Of how many of them the source told nothing now, and since when of the one that it is silent about for longest. */
  readonly unseen: number
  readonly unseenSince?: number
  /** No broker of the source has answered since. */
  readonly sourceUnreachableSince?: number
  /** Absent: nobody has found out yet, or the link moves no groups. */
  readonly failover?: FailoverLoss
  /** How long ago the newest heartbeat on the target was written; absent: none has arrived, or the link has none. */
  readonly heartbeatAgeMs?: number
  /** When a sample was last remembered; absent: never. */
  readonly rememberedAt?: number
  readonly troubles: readonly string[]
}
