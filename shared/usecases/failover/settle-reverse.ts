import type { StepAnswer } from '../../domain/failover/failover-step.ts'
import type { PendingDebts } from '../../domain/failover/pending-debts.ts'
import type { Deadline } from '../ports.ts'
import type { CoreDeps } from './failover-deps.ts'
import { type TurnBack, turnBack } from './reverse.ts'

/**
 * Begins the link back for a failover that has ended without it. The lock there is taken in the name of who settles what it
 * owes, from whom any failover may take it, and is given back at once.
 */
export const settleReverse = async (
  { execution, epoch, tail }: Pick<PendingDebts, 'execution' | 'epoch' | 'tail'>,
  deadline: Deadline,
  deps: CoreDeps,
): Promise<StepAnswer> => {
  const by = `settling ${execution}`
  const turn: TurnBack = {
    holder: { by, purpose: 'failover', phase: 'acting', since: deps.clock.now() },
    unheard: false,
    cause: { execution, epoch, drained: false, refill: tail === 'scrape' },
  }
  try {
    return await turnBack(turn, deadline, deps)
  } finally {
    await deps.reverse?.pair.release(by, deadline)
  }
}
