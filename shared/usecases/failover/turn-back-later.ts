import type { PendingDebts } from '../../domain/failover/pending-debts.ts'
import type { Deadline } from '../ports.ts'
import type { CoreDeps } from './failover-deps.ts'
import { turnBack } from './reverse.ts'
import type { Settled } from './settle-pending.ts'

/** What the step `reverse` left for the first contact; the execution has ended since, so that the lock is taken for this alone. */
export const turnBackLater = async (
  { execution, epoch }: PendingDebts,
  deadline: Deadline,
  deps: CoreDeps,
): Promise<Settled> => {
  const holder = {
    by: `first contact after ${execution}`,
    purpose: 'failover',
    phase: 'acting',
    since: deps.clock.now(),
  } as const
  const turn = { holder, unheard: false, cause: { execution, epoch, drained: false } }
  const { outcome, message } = await turnBack(turn, deadline, deps)
  if (outcome === 'done') await deps.reverse?.pair.release(holder.by, deadline)
  return { outcome, message }
}
