import type { SkipReason } from '../groups/position-verdict.ts'
import type { LinkStatus } from '../head.ts'
import type { PartitionId } from '../record.ts'
import type { PendingDebts } from './pending-debts.ts'

/** What somebody answered, or why nobody could tell. What is not told is never taken for good. */
export type Told<T> =
  | { readonly kind: 'told'; readonly value: T }
  | { readonly kind: 'untold'; readonly because: string }

/** One cluster, as far as the topics of the pair go; topics by their names on the source of the link. */
export interface ClusterFacts {
  readonly partitions: ReadonlyMap<string, number>
  /** Which have no leader, or do not tell where they end. */
  readonly silent: readonly PartitionId[]
  /** Topics that may be there and could not be described, and why. */
  readonly undescribed: readonly string[]
}

/** What the lag canary of the link says. Times in milliseconds since 1970. */
export interface LagFacts {
  readonly at: number
  /** What a failover at this instant would lose; of a source that does not answer, as of when it last did. */
  readonly records: number
  readonly lagMs: number
  /** Source offsets that retention took unreplicated. */
  readonly gone: number
  readonly timeToLossMs?: number
  readonly topics: readonly TopicRecords[]
  /** Partitions that the source told nothing of now, and those of which nobody knows how far they are behind. */
  readonly unseen: number
  readonly unmeasured: number
  /** Since when, of the partition that the source is silent about for longest. */
  readonly unseenSince?: number
  readonly sourceUnreachableSince?: number
  readonly heartbeatAgeMs?: number
  readonly rememberedAt?: number
  readonly groups?: GroupLossFacts
}

export interface TopicRecords {
  readonly topic: string
  readonly records: number
  /** How long the oldest of them has waited; absent: nobody looked. */
  readonly lagMs?: number
}

/** What groups would read again if they resumed at what is committed on the target now. */
export interface GroupLossFacts {
  readonly at: number
  readonly groups: number
  readonly reread: number
}

/** What a pass that only plans would change. */
export interface PassFacts {
  /** What is not as it should be, for people. */
  readonly due: readonly string[]
  /** What stands until somebody acts. */
  readonly faulted: readonly string[]
  readonly troubles: readonly string[]
}

/** A pass over the consumer groups of a link. */
export interface GroupPassFacts extends Omit<PassFacts, 'due'> {
  /** Groups that the link moves, and those of them that have members on the target. */
  readonly compared: number
  readonly live: number
  /** Positions that were moved; when it only plans, those that would be. */
  readonly positions: number
  /** Positions that were to be moved and were not, since something happened at the same time. */
  readonly unsettled: number
  /** Positions that stay where they are on the target, by why: they lead nowhere, or may not be lowered. */
  readonly skipped: readonly SkippedPositions[]
}

export interface SkippedPositions {
  readonly group: string
  readonly topic: string
  readonly because: SkipReason
  readonly partitions: readonly number[]
}

/** Of the partitions that the link writes to. */
export interface ReplicaFacts {
  readonly partitions: number
  /** Without a leader, or with fewer replicas in sync than acks=all takes. */
  readonly unwritable: readonly PartitionId[]
  /** With fewer replicas in sync than they have. */
  readonly thin: readonly PartitionId[]
  /** Topics of which nobody knows how many have to be in sync. */
  readonly untold: readonly string[]
}

export interface RackFacts {
  readonly verdict: 'safe' | 'unsafe' | 'unknown'
  readonly unsafePartitions: number
}

/** One directory of one broker. */
export interface DiskFacts {
  readonly node: number
  readonly directory: string
  readonly totalBytes: number
  readonly usableBytes: number
}

/** `offline`: directories that their broker has given up. `unmeasured`: brokers that have no disks to tell of. */
export interface DisksFacts {
  readonly disks: readonly DiskFacts[]
  readonly offline: readonly string[]
  readonly unmeasured: readonly number[]
}

/** Heads of the link, one a partition. */
export interface HeadFacts {
  readonly partitions: number
  /** Which stand still until somebody looks: their replica lost records, or their head makes no sense. */
  readonly standing: readonly PartitionId[]
  /** With holes that nobody has read yet. */
  readonly unread: readonly PartitionId[]
}

/** Records on replicas that the link did not write. */
export interface ForeignFacts {
  readonly records: number
  readonly partitions: readonly PartitionId[]
  /** More came between two looks, while the source grew as well. */
  readonly growing: boolean
  /** Replicas of which nobody can tell. */
  readonly untold: number
}

/** `reverse` absent: the pair has no link the other way. */
export interface RoleFacts {
  readonly forward: LinkStatus
  readonly reverse?: Told<LinkStatus>
}

/** How long a cluster keeps what it was given. */
export interface RetentionFacts {
  /** The topic that keeps its records for the shortest time; absent: none loses any by time. */
  readonly shortest?: { readonly topic: string; readonly retentionMs: number }
  readonly untold: readonly string[]
}

/** What waits for the first contact with a cluster that was given up, as of which failover. */
export type PendingFacts = Pick<PendingDebts, 'execution' | 'owed'>

/** All that a preflight is made of. */
export interface PreflightFacts {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly source: Told<ClusterFacts>
  readonly target: Told<ClusterFacts>
  readonly lag: Told<LagFacts>
  /** Passes that only plan; `undefined`: the link does not keep that in step. */
  readonly topics: Told<PassFacts> | undefined
  readonly groups: Told<GroupPassFacts> | undefined
  readonly access: Told<PassFacts> | undefined
  readonly heads: Told<HeadFacts>
  readonly replicas: Told<ReplicaFacts>
  readonly racks: Told<RackFacts>
  readonly disks: Told<DisksFacts>
  readonly foreign: Told<ForeignFacts>
  readonly roles: Told<RoleFacts>
  readonly pending: Told<PendingFacts | undefined>
  readonly sourceRetention: Told<RetentionFacts>
  readonly targetRetention: Told<RetentionFacts>
}
