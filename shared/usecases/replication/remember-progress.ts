import { ReplicationError } from '../../domain/errors.ts'
import type { Gap, Head, LinkStatus } from '../../domain/head.ts'
import { seal } from '../../domain/offset-map.ts'
import type { PartitionOutcome } from '../../domain/outcome.ts'
import {
  type Admission,
  firstHead,
  headAfter,
  holesOf,
  type Progress,
  rewindIn,
  unmappedBefore,
} from '../../domain/progress.ts'
import { batchName, type PartitionBatch } from '../../domain/record.ts'
import type { Run } from '../../domain/run.ts'
import type { AdvanceOutcome, Clock, Deadline, GapAlarm, LinkState } from '../ports.ts'

export interface RememberDeps {
  readonly state: LinkState
  readonly clock: Clock
  readonly alarm: GapAlarm
  readonly provenance: boolean
}

export type Remembered = Pick<PartitionOutcome, 'replicated' | 'looped' | 'lost' | 'unmapped' | 'stateWrites'>

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
  deps: RememberDeps,
): Promise<Remembered> => {
  const now = deps.clock.now()
  const { lost, gaps } = await tellOfProgress(batch, head, admission, progress, { epoch, now }, deadline, deps)
  const after = (openRuns: readonly Run[]): Head => headAfter(head, admission, progress, { openRuns, epoch, now })
  const { pages } = await moveHead(batch, head, after, deadline, deps)
  return {
    replicated: progress.runs.reduce((sum, { length }) => sum + Number(length), 0),
    looped: progress.looped.reduce((sum, { from, to }) => sum + Number(to - from), 0),
    lost,
    unmapped: deps.provenance ? 0n : unmappedBefore(head, progress.runs), // with it applications write to the target as well
    stateWrites: gaps + pages + 1,
  }
}

/** What has to be told before the checkpoint passes it: that the target was rewound, which throws, and what is lost. */
export const tellOfProgress = async (
  batch: PartitionBatch,
  head: Head,
  admission: Admission,
  progress: Progress,
  stamp: { readonly epoch: number; readonly now: number },
  deadline: Deadline,
  { state, alarm }: Pick<RememberDeps, 'state' | 'alarm'>,
): Promise<{ readonly lost: bigint; readonly gaps: number }> => {
  await refuseRewind(batch, head, progress, stamp, deadline, state)
  const { lost } = holesOf(admission, progress)
  for (const { from, to } of lost) {
    const reason = `retention on the source has taken everything below offset ${admission.logStart}`
    const gap: Gap = { incarnation: admission.incarnation, from, to, kind: 'lost', reason, at: stamp.now }
    await state.recordGap(batch, gap, deadline)
    alarm(batch, gap)
  }
  return { lost: lost.reduce((sum, { from, to }) => sum + (to - from), 0n), gaps: lost.length }
}

/** Seals the runs that the head holds, when they are many, and replaces it by what `after` makes of the rest. */
export const moveHead = async (
  batch: PartitionBatch,
  head: Head,
  after: (openRuns: readonly Run[]) => Head,
  deadline: Deadline,
  { state }: Pick<RememberDeps, 'state'>,
): Promise<{ readonly head: Head; readonly pages: number }> => {
  const { pages, openRuns } = seal(head)
  if (pages.length > 0) await state.seal(batch, pages, deadline)
  const moved = after(openRuns)
  const outcome = await state.advance(batch, head, moved, deadline)
  if (outcome !== 'advanced') throw notAdvanced(batch, outcome)
  return { head: moved, pages: pages.length }
}

/** The head notes it, so that the next attempt does not append the batch once more, and the one after that, and so on. */
const refuseRewind = async (
  batch: PartitionBatch,
  head: Head,
  { runs }: Progress,
  stamp: { readonly epoch: number; readonly now: number },
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
