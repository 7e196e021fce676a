import { asReplicationError, type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import type { Gap } from '../../domain/head.ts'
import { batchName, type PartitionBatch, type PartitionId } from '../../domain/record.ts'
import type { AppendOutcome, Deadline, Quarantine, ReplayMark, StartedDeadline, TargetLog } from '../ports.ts'
import {
  type Quarantined,
  type QuarantineState,
  quarantined,
  type Replay,
  recordOf,
  type Wanted,
} from './quarantined-records.ts'
import { MARK_WITHIN_MS, ReplayTurn, type TurnDeps } from './replay-turn.ts'

export interface ReplayDeps extends TurnDeps {
  readonly state: QuarantineState
  readonly quarantine: Quarantine
  readonly target: TargetLog
  /** A deadline so far from now, and never beyond this one. */
  readonly within: (ms: number, deadline: Deadline) => StartedDeadline
  /** The name on the target of a topic of the source. */
  readonly targetTopic: (sourceTopic: string) => string
}

/**
 * Puts quarantined records back, oldest first, at the end of the target's log: after the records that followed them on the
 * source. One at a time does that on a link; who comes beside him is told (`CHECKPOINT_MOVED`), and nothing is read where
 * the link does not forward. It ends with the first record before which either is so; those behind it wait. Killed between
 * append and mark it puts that one record back again the next time. `owner`: whose turn it is.
 */
export const replayQuarantined = async (
  wanted: Wanted,
  owner: string,
  deadline: Deadline,
  deps: ReplayDeps,
): Promise<readonly Replay[]> => {
  await refuseUnlessForwarding('replaying quarantined records', deadline, deps)
  const turn = new ReplayTurn(owner, deps)
  await take(turn, deadline)
  try {
    return await replayAll(wanted, turn, deadline, deps)
  } finally {
    await turn.end(deadline)
  }
}

const replayAll = async (
  wanted: Wanted,
  turn: ReplayTurn,
  deadline: Deadline,
  deps: ReplayDeps,
): Promise<readonly Replay[]> => {
  const replays: Replay[] = []
  for (const partition of (await deps.state.partitions(deadline)).filter(wanted)) {
    const found: Quarantined[] = []
    for await (const one of quarantined(partition, deadline, deps.state)) {
      await turn.keep(deadline) // that it is lost is told before the next append, beside what was put back
      found.push(one)
    }
    replays.push(...(await replayPartition(partition, found, turn, deadline, deps)))
    if (replays.some(endsIt)) break
  }
  return replays
}

const replayPartition = async (
  partition: PartitionId,
  found: readonly Quarantined[],
  turn: ReplayTurn,
  deadline: Deadline,
  deps: ReplayDeps,
): Promise<readonly Replay[]> => {
  const replays: Replay[] = []
  for (const { gap, replay } of found) {
    const isDue = replay.kind === 'waiting' && !replays.some(endsIt)
    replays.push(isDue ? await replayOne(partition, gap, turn, deadline, deps) : replay)
  }
  return replays
}

/** What is so of one record is so of all that follow it. */
const ENDS_IT: readonly ErrorCode[] = ['LINK_NOT_FORWARDING', 'CHECKPOINT_MOVED']

const endsIt = (replay: Replay): boolean => replay.kind === 'failed' && ENDS_IT.includes(replay.error.code)

const replayOne = async (
  partition: PartitionId,
  gap: Gap,
  turn: ReplayTurn,
  deadline: Deadline,
  deps: ReplayDeps,
): Promise<Replay> => {
  const what = recordOf(partition, gap)
  try {
    const { record } = await deps.quarantine.fetch(gap.storedAt ?? '')
    const { placed, stopped } = await putBack({ ...partition, records: [record] }, turn, deadline, deps)
    const [placement] = placed
    if (placement === undefined)
      return { ...what, kind: 'failed', error: asReplicationError(stopped?.error, 'replaying a record') }
    if ((await mark(partition, gap, deadline, deps)) === 'marked')
      return { ...what, kind: 'replayed', target: placement.target }
    const doing = `replaying source offset ${gap.from}: it is at target offset ${placement.target}, but somebody else had replayed it`
    return { ...what, kind: 'failed', error: new ReplicationError('CHECKPOINT_MOVED', doing) }
  } catch (error) {
    return { ...what, kind: 'failed', error: asReplicationError(error, `replaying source offset ${gap.from}`) }
  }
}

const mark = async (partition: PartitionId, gap: Gap, deadline: Deadline, deps: ReplayDeps): Promise<ReplayMark> => {
  const soon = deps.within(MARK_WITHIN_MS, deadline)
  try {
    return await deps.state.markReplayed(partition, gap, deps.clock.now(), soon)
  } finally {
    soon.end()
  }
}

/** Many records take long, and a failover that stops the link meanwhile waits no longer than for one append. */
const putBack = async (
  batch: PartitionBatch,
  turn: ReplayTurn,
  deadline: Deadline,
  deps: ReplayDeps,
): Promise<AppendOutcome> => {
  const append = deps.within(deps.appendDeadlineMs, deadline)
  try {
    await take(turn, append)
    await refuseUnlessForwarding(`replaying ${batchName(batch)}`, append, deps)
    return await deps.target.append({ ...batch, topic: deps.targetTopic(batch.topic) }, append)
  } finally {
    append.end()
  }
}

const take = async (turn: ReplayTurn, deadline: Deadline): Promise<void> => {
  const kept = await turn.keep(deadline)
  if (kept !== 'ours') throw kept
}

const refuseUnlessForwarding = async (doing: string, deadline: Deadline, { state }: ReplayDeps): Promise<void> => {
  const { mode } = (await state.read([], deadline)).status
  if (mode !== 'forwarding') throw new ReplicationError('LINK_NOT_FORWARDING', `${doing}: the link is ${mode}`)
}
