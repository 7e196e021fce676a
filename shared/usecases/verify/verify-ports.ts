import type { Head } from '../../domain/head.ts'
import type { PartitionId } from '../../domain/record.ts'
import type { Finding, VerifyCounts } from '../../domain/verify/verify-report.ts'
import type { LogReader } from '../log-ports.ts'
import type { Clock, Deadline, GapLedger, LinkSnapshot, LinkState, OffsetMapPages, SourceLog } from '../ports.ts'

/** Where it is written down that holes were read. Throws errors whose codes begin with `STATE_`. */
export interface HoleConfirmation {
  /**
   * Every hole of `head` below the source offset `to` was read, and no record is in it that should be on the target. Holes
   * from `to` on stay unread, and what was confirmed stays so wherever the checkpoint moves; when somebody confirmed more,
   * nothing changes.
   */
  confirmHoles(partition: PartitionId, head: Head, to: bigint, deadline: Deadline): Promise<void>
  /** As `LinkState.read`, but that `unverifiedFrom` leaves out what was confirmed. */
  readVerified(partitions: readonly PartitionId[], deadline: Deadline): Promise<LinkSnapshot>
}

export interface VerifyDeps {
  readonly source: LogReader
  readonly target: LogReader
  /** Tells another life of a source topic, whose offsets would be compared with the wrong records. */
  readonly lives: Pick<SourceLog, 'otherIncarnation'>
  readonly state: LinkState & OffsetMapPages & GapLedger & HoleConfirmation
  readonly clock: Clock
  readonly targetTopic: (sourceTopic: string) => string
  /** Whether records of the target topic may be missing since it is compacted. */
  readonly isCompacted: (targetTopic: string, deadline: Deadline) => Promise<boolean>
  readonly provenance: boolean
}

/** Source offsets `from` (inclusive) to `to` (exclusive; absent: up to the checkpoint) of one partition. */
export interface VerifyRange extends PartitionId {
  readonly from: bigint
  readonly to?: bigint
  /** Only source offsets that no run covers are looked at: are they markers, or records that should be on the target? */
  readonly holesOnly?: boolean
  /** Where an earlier look at the range stopped, among target records that no run covers; what lies before was told by it. */
  readonly uncoveredFrom?: bigint
}

export interface RangeReport extends PartitionId {
  /** What was verified: source offsets `from` to `next`. */
  readonly from: bigint
  readonly next: bigint
  /** Whether there is more in the range; time was up. */
  readonly more: boolean
  /** Time was up among target records that no run covers, which lie before the record of `next`: there they go on. */
  readonly uncoveredFrom?: bigint
  /** Nobody can tell yet what comes next in this log: a transaction is open. */
  readonly heldBy?: 'source' | 'target'
  readonly counts: VerifyCounts
  /** The first ones. */
  readonly findings: readonly Finding[]
}
