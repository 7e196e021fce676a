import { asReplicationError, type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import type { Gap } from '../../domain/head.ts'
import { batchName, type PartitionBatch, type PartitionId } from '../../domain/record.ts'
import type { AppendOutcome, Deadline, Quarantine, ReplayMark, StartedDeadline, TargetLog } from '../ports.ts'
import {
  type Quarantined,
  type QuarantineState,
  quarantined,
  type Replay,
  type ReplayReport,
  recordOf,
  throughPartitions,
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
 * the link does not forward. It ends with the first record before which either is so; those behind it wait. A partition that
 * cannot be looked through is left as it is, and told. Killed between append and mark it puts that one record back again the
 * next time. `owner`: whose turn it is.
 */
export const replayQuarantined = async (
  wanted: Wanted,
  owner: string,
  deadline: Deadline,
  deps: ReplayDeps,
): Promise<ReplayReport> => {
  await refuseUnlessForwarding('replaying quarantined records', deadline, deps)
  const turn = new ReplayTurn(owner, deps)
  await take(turn, deadline)
  try {
    return await replayAll(wanted, turn, deadline, deps)
  } finally {
    await turn.end(deadline)
  }
}

const replayAll = (wanted: Wanted, turn: ReplayTurn, deadline: Deadline, deps: ReplayDeps): Promise<ReplayReport> =>
  throughPartitions(wanted, deadline, deps.state, async (partition, replays) => {
    const found: Quarantined[] = []
    for await (const one of quarantined(partition, deadline, deps.state)) {
      await turn.keep(deadline) // that it is lost is told before the next append, beside what was put back
      found.push(one)
    }
    const done = await replayPartition(partition, found, turn, deadline, deps)
    replays.push(...done)
    return done.some(endsIt) ? 'end' : 'go-on'
  })

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
    return { ...what, ...(await remember(partition, gap, placement.target, deadline, deps)) }
  } catch (error) {
    return { ...what, kind: 'failed', error: asReplicationError(error, `replaying source offset ${gap.from}`) }
  }
}

/** It is on the target, which must be told whatever becomes of its mark. */
const remember = async (
  partition: PartitionId,
  gap: Gap,
  target: bigint,
  deadline: Deadline,
  deps: ReplayDeps,
): Promise<Remembered> => {
  const failed = (code: ErrorCode, why: string, cause?: unknown): Remembered => {
    const doing = `replaying source offset ${gap.from}: it is at target offset ${target}, but ${why}`
    return { kind: 'failed', error: new ReplicationError(code, doing, { cause }) }
  }
  try {
    switch (await mark(partition, gap, deadline, deps)) {
      case 'marked':
        return { kind: 'replayed', target }
      case 'unknown':
        return { kind: 'forgotten', target }
      case 'already-replayed':
        return failed('CHECKPOINT_MOVED', 'somebody else had replayed it')
    }
  } catch (thrown) {
    const { code, message } = asReplicationError(thrown, 'marking it')
    return failed(code, `it could not be marked, so that the next replay may put it there again: ${message}`, thrown)
  }
}

type Remembered =
  | { readonly kind: 'replayed' | 'forgotten'; readonly target: bigint }
  | { readonly kind: 'failed'; readonly error: ReplicationError }

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
