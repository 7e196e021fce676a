import { ReplicationError } from '../../domain/errors.ts'
import { type PendingTask, type PendingWork, withTasks } from '../../domain/failover/pending-work.ts'
import type { Deadline } from '../ports.ts'
import type { PendingLedger } from './pending-ports.ts'

/**
 * Leaves tasks for the first contact with the old active cluster. Throws `EPOCH_STALE` while those of another failover wait,
 * and `STATE_…`.
 */
export const addPending = async (
  work: Omit<PendingWork, 'waiting'>,
  tasks: readonly PendingTask[],
  deadline: Deadline,
  ledger: PendingLedger,
): Promise<void> => {
  for (;;) {
    const there = await ledger.read(deadline)
    if (there !== undefined && there.execution !== work.execution)
      throw new ReplicationError('EPOCH_STALE', `leaving work for later: that of ${there.execution} still waits`)
    const next = withTasks({ ...work, waiting: there?.waiting ?? [] }, tasks)
    if ((await ledger.save(there, next, deadline)) === 'saved') return
  }
}
