import { asReplicationError, ReplicationError } from '../../domain/errors.ts'
import type { Head } from '../../domain/head.ts'
import { failedOutcome, type PartitionOutcome } from '../../domain/outcome.ts'
import { type PartitionBatch, partitionName } from '../../domain/record.ts'
import type { LinkSnapshot } from '../ports.ts'
import { replicateExactlyOnce } from './replicate-exactly-once.ts'
import { type Deadlines, type ReplicateDeps, replicatePartition } from './replicate-partition.ts'

/**
 * Replicates what one poll brought. Partitions are independent: they run side by side, all of them finish, and each has
 * an outcome. Never throws; whoever called fails the invocation when any outcome has an error, so that the poller keeps
 * the batch, and the redelivery is a no-op for the partitions that were done.
 */
export const replicateBatches = async (
  batches: readonly PartitionBatch[],
  deadlines: Deadlines,
  deps: ReplicateDeps,
): Promise<PartitionOutcome[]> => {
  const snapshot = await readState(batches, deadlines, deps)
  return Promise.all(batches.map((batch) => replicateOne(batch, snapshot, deadlines, deps)))
}

const readState = async (
  batches: readonly PartitionBatch[],
  { append }: Deadlines,
  { state }: ReplicateDeps,
): Promise<LinkSnapshot | ReplicationError> => {
  try {
    const snapshot = await state.read(batches, append)
    const { mode } = snapshot.status
    if (mode !== 'stopped' && mode !== 'paused') return snapshot
    return new ReplicationError('LINK_NOT_FORWARDING', `replicating ${batches.length} partitions: the link is ${mode}`)
  } catch (error) {
    return asReplicationError(error, `reading the state of ${batches.length} partitions`)
  }
}

const replicateOne = async (
  batch: PartitionBatch,
  snapshot: LinkSnapshot | ReplicationError,
  deadlines: Deadlines,
  deps: ReplicateDeps,
): Promise<PartitionOutcome> => {
  if (snapshot instanceof ReplicationError) return failedOutcome(batch, undefined, snapshot, deps.clock.now())
  const head: Head | ReplicationError | undefined = snapshot.heads.get(partitionName(batch))
  if (head instanceof ReplicationError) return failedOutcome(batch, undefined, head, deps.clock.now())
  try {
    const { transactions } = deps
    if (transactions === undefined) return await replicatePartition(batch, head, snapshot.status, deadlines, deps)
    return await replicateExactlyOnce(batch, head, snapshot.status, deadlines, { ...deps, transactions })
  } catch (error) {
    const failure = asReplicationError(error, `replicating ${partitionName(batch)}`)
    return failedOutcome(batch, head, failure, deps.clock.now())
  }
}
