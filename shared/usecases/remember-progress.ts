import { ReplicationError } from '../domain/errors.ts'
import type { Gap, Head, LinkStatus } from '../domain/head.ts'
import { seal } from '../domain/offset-map.ts'
import type { PartitionOutcome } from '../domain/outcome.ts'
import {
  type Admission,
  firstHead,
  headAfter,
  holesOf,
  type Progress,
  rewindIn,
  unmappedBefore,
} from '../domain/progress.ts'
import { batchName, type PartitionBatch } from '../domain/record.ts'
import type { AdvanceOutcome, Clock, Deadline, GapAlarm, LinkState } from './ports.ts'

export interface RememberDeps {
  readonly state: LinkState
  readonly clock: Clock
  readonly alarm: GapAlarm
  readonly provenance: boolean
}

type Remembered = Pick<PartitionOutcome, 'replicated' | 'looped' | 'lost' | 'unmapped' | 'stateWrites'>

/** Writes down that a partition is being replicated from now on. */
export const begin = async (
  batch: PartitionBatch,
  { epoch }: LinkStatus,
  admission: Admission,
  deadline: Deadline,
  { state, clock }: Pick<RememberDeps, 'state' | 'clock'>,
): Promise<Head> => {
  const head = firstHead(admission, { epoch, now: clock.now() })
  const outcome = await state.advance(batch, undefined, head, deadline)
  if (outcome !== 'advanced') throw notAdvanced(batch, outcome)
  return head
}

/**
 * Writes down what was handled: gaps first, then pages of runs that the head already held, then the head itself on the
 * condition that it is still the one we read. Whatever was written before a crash is written again, the same.
 */
export const remember = async (
  batch: PartitionBatch,
  head: Head,
  { epoch }: LinkStatus,
  admission: Admission,
  progress: Progress,
  deadline: Deadline,
  { state, clock, alarm, provenance }: RememberDeps,
): Promise<Remembered> => {
  const now = clock.now()
  await refuseRewind(batch, head, progress, { epoch, now }, deadline, state)
  const lost = holesOf(admission, progress).lost
  for (const { from, to } of lost) {
    const reason = `retention on the source has taken everything below offset ${admission.logStart}`
    const gap: Gap = { incarnation: admission.incarnation, from, to, kind: 'lost', reason, at: now }
    await state.recordGap(batch, gap, deadline)
    alarm(batch, gap)
  }
  const { pages, openRuns } = seal(head)
  if (pages.length > 0) await state.seal(batch, pages, deadline)
  const outcome = await state.advance(
    batch,
    head,
    headAfter(head, admission, progress, { openRuns, epoch, now }),
    deadline,
  )
  if (outcome !== 'advanced') throw notAdvanced(batch, outcome)
  return {
    replicated: progress.runs.reduce((sum, { length }) => sum + Number(length), 0),
    looped: progress.looped.reduce((sum, { from, to }) => sum + Number(to - from), 0),
    lost: lost.reduce((sum, { from, to }) => sum + (to - from), 0n),
    unmapped: provenance ? 0n : unmappedBefore(head, progress.runs), // with it applications write to the target as well
    stateWrites: lost.length + pages.length + 1,
  }
}

/** The head notes it, so that the next attempt does not append the batch once more, and the one after that, and so on. */
const refuseRewind = async (
  batch: PartitionBatch,
  head: Head,
  { runs }: Progress,
  stamp: { epoch: number; now: number },
  deadline: Deadline,
  state: LinkState,
): Promise<void> => {
  const rewind = rewindIn(head, runs)
  if (rewind === undefined) return
  const stopped = { ...head, ...rewind, epoch: stamp.epoch, updatedAt: stamp.now }
  const outcome = await state.advance(batch, head, stopped, deadline)
  throw outcome === 'advanced' ? rewound(batch, stopped, rewind.rewoundTo) : notAdvanced(batch, outcome)
}

/** The target is not the log any more that the offset map speaks of. */
export const rewound = (batch: PartitionBatch, { nextTarget }: Head, target: bigint): ReplicationError =>
  new ReplicationError(
    'TARGET_REWOUND',
    `replicating ${batchName(batch)}: the target appended at offset ${target}, but had acknowledged everything up to ${nextTarget - 1n}`,
  )

const notAdvanced = (batch: PartitionBatch, outcome: Exclude<AdvanceOutcome, 'advanced'>): ReplicationError =>
  outcome === 'checkpoint-moved'
    ? new ReplicationError(
        'CHECKPOINT_MOVED',
        `remembering ${batchName(batch)}: another invocation has moved the checkpoint`,
      )
    : new ReplicationError('EPOCH_STALE', `remembering ${batchName(batch)}: a later epoch owns the checkpoint`)
