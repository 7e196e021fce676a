import { asReplicationError, ReplicationError } from '../domain/errors.ts'
import type { Gap } from '../domain/head.ts'
import type { PartitionId } from '../domain/record.ts'
import type { Clock, Deadline, GapLedger, Quarantine, TargetLog } from './ports.ts'

export interface ReplayDeps {
  readonly ledger: GapLedger
  readonly quarantine: Quarantine
  readonly target: TargetLog
  readonly clock: Clock
  /** The name on the target of a topic of the source. */
  readonly targetTopic: (sourceTopic: string) => string
}

/** What became of one quarantined record: put back at `target`, left where it is, or in trouble. */
export type Replay = PartitionId & { readonly source: bigint; readonly reason: string } & (
    | { readonly kind: 'waiting' }
    | { readonly kind: 'replayed'; readonly target: bigint }
    | { readonly kind: 'replayed-before'; readonly at: number }
    | { readonly kind: 'failed'; readonly error: ReplicationError }
  )

/** The quarantined records of a partition, oldest first, without doing anything. */
export const listQuarantined = async (
  partition: PartitionId,
  deadline: Deadline,
  ledger: GapLedger,
): Promise<Replay[]> => (await quarantinedGaps(partition, deadline, ledger)).map((gap) => described(partition, gap))

/**
 * Puts the quarantined records of a partition back, oldest first, at the end of the target's log: after the records that
 * followed them on the source. Killed between append and mark it puts that one record back again the next time.
 */
export const replayQuarantined = async (
  partition: PartitionId,
  deadline: Deadline,
  deps: ReplayDeps,
): Promise<Replay[]> => {
  const replays: Replay[] = []
  for (const gap of await quarantinedGaps(partition, deadline, deps.ledger)) {
    const known = described(partition, gap)
    replays.push(known.kind === 'waiting' ? await replayOne(partition, gap, deadline, deps) : known)
  }
  return replays
}

const quarantinedGaps = async (partition: PartitionId, deadline: Deadline, ledger: GapLedger): Promise<Gap[]> =>
  (await ledger.gaps(partition, deadline)).filter(({ kind }) => kind === 'quarantined')

const described = ({ topic, partition }: PartitionId, { from, reason, replayedAt }: Gap): Replay => {
  const what = { topic, partition, source: from, reason }
  return replayedAt === undefined ? { ...what, kind: 'waiting' } : { ...what, kind: 'replayed-before', at: replayedAt }
}

const replayOne = async (partition: PartitionId, gap: Gap, deadline: Deadline, deps: ReplayDeps): Promise<Replay> => {
  const what = { topic: partition.topic, partition: partition.partition, source: gap.from, reason: gap.reason }
  try {
    const { record } = await deps.quarantine.fetch(gap.storedAt ?? '')
    const batch = { ...partition, topic: deps.targetTopic(partition.topic), records: [record] as const }
    const { placed, stopped } = await deps.target.append(batch, deadline)
    const [placement] = placed
    if (placement === undefined)
      return { ...what, kind: 'failed', error: asReplicationError(stopped?.error, 'replaying a record') }
    const mark = await deps.ledger.markReplayed(partition, gap, deps.clock.now(), deadline)
    if (mark === 'marked') return { ...what, kind: 'replayed', target: placement.target }
    const doing = `replaying source offset ${gap.from}: it is at target offset ${placement.target}, but somebody else had replayed it`
    return { ...what, kind: 'failed', error: new ReplicationError('CHECKPOINT_MOVED', doing) }
  } catch (error) {
    return { ...what, kind: 'failed', error: asReplicationError(error, `replaying source offset ${gap.from}`) }
  }
}
