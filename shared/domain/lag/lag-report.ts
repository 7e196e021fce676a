import type { LinkStatus } from '../head.ts'
import type { Accounts } from './accounts.ts'
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
  /**
   * Partitions of which nobody can tell how far they are behind although the source answers, and, when it does not, those of
   * which nothing is known from before. A topic that was never described counts as one. So does a partition that ends on the
   * source below its checkpoint.
   */
  readonly unmeasured: number
  /** How long the checkpoint of a partition has stood still while records wait, of the one that does so for longest. */
  readonly standstillMs: number
  /** No broker of the source has answered since. */
  readonly sourceUnreachableSince?: number
  /** Absent: nobody has found out yet, or the link moves no groups. */
  readonly failover?: FailoverLoss
  /** Absent: nobody has counted yet. */
  readonly accounts?: Accounts
  /** How long ago the newest heartbeat of the link on the target was written; absent: none has arrived, or it has none. */
  readonly heartbeatAgeMs?: number
  /** How long ago the link beat for the last time; absent: it never did. */
  readonly beatenAgoMs?: number
  /** When a sample was last remembered; absent: never. */
  readonly rememberedAt?: number
  readonly troubles: readonly string[]
}
