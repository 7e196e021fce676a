import { ReplicationError } from '../../domain/errors.ts'
import type { Head, LinkStatus } from '../../domain/head.ts'
import { batchName, type PartitionBatch } from '../../domain/record.ts'
import type { Run } from '../../domain/run.ts'
import { headAfterStep, type SourceCommit, stepAhead } from '../../domain/source-commit.ts'
import type { Clock, Deadline, LinkState, PartitionWriter, TargetTransactions } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'
import { moveHead } from './remember-progress.ts'
import type { Ground } from './transact.ts'

/** Brings the head up to what was committed on the target, when whoever committed it could not. */
export const catchUp = async (
  batch: PartitionBatch,
  known: Head,
  committed: SourceCommit | undefined,
  { epoch }: LinkStatus,
  deadline: Deadline,
  { state, clock }: { readonly state: LinkState; readonly clock: Clock },
): Promise<{ readonly head: Head; readonly stateWrites: number }> => {
  if (committed === undefined || committed.nextSource <= known.nextSource) return { head: known, stateWrites: 0 }
  // The one who was fenced may have written its last checkpoints after the head was read.
  const head = headIn(await state.read([batch], deadline), batch)
  if (head === undefined)
    throw new ReplicationError('CHECKPOINT_MOVED', `catching ${batchName(batch)} up: its checkpoint has gone`)
  const step = stepAhead(head, committed)
  if (step === undefined) return { head, stateWrites: 0 }
  const after = (openRuns: readonly Run[]): Head => headAfterStep(head, step, { openRuns, epoch, now: clock.now() })
  const moved = await moveHead(batch, head, after, deadline, { state })
  return { head: moved.head, stateWrites: moved.pages + 1 }
}

/**
 * A writer to go on with in the midst of a batch, after a transaction that was not committed. Another invocation may have had
 * the partition in between, and what it committed is on the target whether or not it came to move the checkpoint: nothing of
 * that may be appended again, so this invocation ends then.
 */
export const goOnWriting = async (
  { batch, replica, head, status, deadlines }: Ground,
  deps: { readonly transactions: TargetTransactions; readonly state: LinkState; readonly clock: Clock },
): Promise<PartitionWriter> => {
  const writer = await deps.transactions.writer(replica, head.nextSource, deadlines.append)
  const { head: found } = await catchUp(batch, head, writer.committed, status, deadlines.state, deps)
  if (found.nextSource === head.nextSource) return writer
  const because = `another invocation has meanwhile gone on to source offset ${found.nextSource}`
  throw new ReplicationError('CHECKPOINT_MOVED', `replicating ${batchName(batch)}: ${because}`)
}
