import { asReplicationError, ReplicationError } from '../../domain/errors.ts'
import type { Gap } from '../../domain/head.ts'
import { batchName, type PartitionBatch, type PartitionId } from '../../domain/record.ts'
import type { Run } from '../../domain/run.ts'
import { findRun } from '../offset-map/find-run.ts'
import type {
  AppendOutcome,
  Clock,
  Deadline,
  GapLedger,
  LinkState,
  OffsetMapPages,
  Quarantine,
  StartedDeadline,
  TargetLog,
} from '../ports.ts'
import { headIn } from '../snapshot-head.ts'

/** What the link remembers of its gaps and of what it replicated. */
export type ReplayState = GapLedger & Pick<LinkState, 'read'> & OffsetMapPages

export interface ReplayDeps {
  readonly state: ReplayState
  readonly quarantine: Quarantine
  readonly target: TargetLog
  readonly clock: Clock
  /** Of one append, so that a link that was stopped meanwhile is quiet after that long. */
  readonly appendDeadlineMs: number
  /** A deadline so far from now, and never beyond this one. */
  readonly within: (ms: number, deadline: Deadline) => StartedDeadline
  /** The name on the target of a topic of the source. */
  readonly targetTopic: (sourceTopic: string) => string
}

/**
 * What became of one quarantined record: put back at `target`, left where it is, or in trouble. `replicated`: it had come
 * to the target in the ordinary way after all, since its batch was delivered again when the target took it.
 */
export type Replay = PartitionId & { readonly source: bigint; readonly reason: string } & (
    | { readonly kind: 'waiting' }
    | { readonly kind: 'replayed'; readonly target: bigint }
    | { readonly kind: 'replicated'; readonly target: bigint }
    | { readonly kind: 'replayed-before'; readonly at: number }
    | { readonly kind: 'failed'; readonly error: ReplicationError }
  )

/** The quarantined records of a partition, oldest first, without doing anything. */
export const listQuarantined = async (
  partition: PartitionId,
  deadline: Deadline,
  state: ReplayState,
): Promise<Replay[]> => (await quarantined(partition, deadline, state)).map(({ replay }) => replay)

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
  for (const { gap, replay } of await quarantined(partition, deadline, deps.state))
    replays.push(replay.kind === 'waiting' ? await replayOne(partition, gap, deadline, deps) : replay)
  return replays
}

const quarantined = async (
  partition: PartitionId,
  deadline: Deadline,
  state: ReplayState,
): Promise<{ gap: Gap; replay: Replay }[]> => {
  const gaps = (await state.gaps(partition, deadline)).filter(({ kind }) => kind === 'quarantined')
  if (gaps.length === 0) return []
  const head = headIn(await state.read([partition], deadline), partition)
  const known: { gap: Gap; replay: Replay }[] = []
  for (const gap of gaps) {
    const place = { incarnation: gap.incarnation, offset: gap.from }
    const run =
      gap.replayedAt === undefined ? await findRun({ partition, head, pages: state }, place, deadline) : undefined
    known.push({ gap, replay: described(partition, gap, run) })
  }
  return known
}

const described = (partition: PartitionId, gap: Gap, run: Run | undefined): Replay => {
  const what = recordOf(partition, gap)
  if (gap.replayedAt !== undefined) return { ...what, kind: 'replayed-before', at: gap.replayedAt }
  if (run === undefined) return { ...what, kind: 'waiting' }
  return { ...what, kind: 'replicated', target: run.target + gap.from - run.source }
}

const recordOf = ({ topic, partition }: PartitionId, { from, reason }: Gap) => ({
  topic,
  partition,
  source: from,
  reason,
})

const replayOne = async (partition: PartitionId, gap: Gap, deadline: Deadline, deps: ReplayDeps): Promise<Replay> => {
  const what = recordOf(partition, gap)
  try {
    const { record } = await deps.quarantine.fetch(gap.storedAt ?? '')
    const { placed, stopped } = await putBack({ ...partition, records: [record] }, deadline, deps)
    const [placement] = placed
    if (placement === undefined)
      return { ...what, kind: 'failed', error: asReplicationError(stopped?.error, 'replaying a record') }
    const mark = await deps.state.markReplayed(partition, gap, deps.clock.now(), deadline)
    if (mark === 'marked') return { ...what, kind: 'replayed', target: placement.target }
    const doing = `replaying source offset ${gap.from}: it is at target offset ${placement.target}, but somebody else had replayed it`
    return { ...what, kind: 'failed', error: new ReplicationError('CHECKPOINT_MOVED', doing) }
  } catch (error) {
    return { ...what, kind: 'failed', error: asReplicationError(error, `replaying source offset ${gap.from}`) }
  }
}

/** Many records take long, and a failover that stops the link meanwhile waits no longer than for one append. */
const putBack = async (batch: PartitionBatch, deadline: Deadline, deps: ReplayDeps): Promise<AppendOutcome> => {
  const append = deps.within(deps.appendDeadlineMs, deadline)
  try {
    const { mode } = (await deps.state.read([], append)).status
    if (mode !== 'forwarding')
      throw new ReplicationError('LINK_NOT_FORWARDING', `replaying ${batchName(batch)}: the link is ${mode}`)
    return await deps.target.append({ ...batch, topic: deps.targetTopic(batch.topic) }, append)
  } finally {
    append.end()
  }
}
