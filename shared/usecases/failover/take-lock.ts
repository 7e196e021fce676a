import { ReplicationError } from '../../domain/errors.ts'
import { hasEffects } from '../../domain/failover/failover-input.ts'
import { lockVerdict } from '../../domain/failover/lock-verdict.ts'
import type { LockHolder, PairLock } from '../../domain/failover/pair-lock.ts'
import type { Deadline } from '../ports.ts'
import { brief } from './brief-deadline.ts'
import type { CoreDeps } from './failover-deps.ts'
import type { Execution, PairState } from './failover-ports.ts'

/** `from`: the execution that had it, which has ended without giving it back. */
export type Taking =
  | { readonly kind: 'taken'; readonly from?: string }
  | { readonly kind: 'again' | 'refused'; readonly because: string }

/** Long enough for the API of another region. */
const OTHER_REGION_MS = 5_000

export const holderOf = ({ arn, input }: Execution, { clock }: Pick<CoreDeps, 'clock'>): LockHolder => ({
  by: arn,
  purpose: hasEffects(input) ? 'failover' : 'drill',
  phase: 'acting',
  since: clock.now(),
})

export interface LockWish {
  readonly holder: LockHolder
  readonly epoch: number
  /** As it was read. */
  readonly lock: PairLock
  /** Whether it is taken also from who cannot be asked whether it still runs. */
  readonly unheard: boolean
}

/** Takes the lock in one table of the pair, also from an execution that has ended; never from one that runs. */
export const takeLock = async (
  pair: Pick<PairState, 'acquire'>,
  { holder, epoch, lock, unheard }: LockWish,
  deadline: Deadline,
  deps: Pick<CoreDeps, 'executions' | 'clock'>,
): Promise<Taking> => {
  const verdict = lockVerdict(lock, holder)
  if (verdict.kind === 'closing') return { kind: 'refused', because: 'this execution is putting back what it changed' }
  const why = verdict.kind === 'ask' ? await whyNotFree(verdict.holder, unheard, deadline, deps) : undefined
  if (why !== undefined) return { kind: 'refused', because: why }
  if ((await pair.acquire({ holder, epoch, from: lock }, deadline)) === 'moved')
    return { kind: 'again', because: 'somebody else took the lock meanwhile' }
  return { kind: 'taken', ...(verdict.kind === 'ask' && { from: verdict.holder.by }) }
}

const whyNotFree = async (
  { by }: LockHolder,
  unheard: boolean,
  deadline: Deadline,
  { executions, clock }: Pick<CoreDeps, 'executions' | 'clock'>,
): Promise<string | undefined> => {
  try {
    const running = await executions.isRunning(by, brief(deadline, OTHER_REGION_MS, { clock }))
    return running ? `the execution ${by} has the lock of the pair, and is still running` : undefined
  } catch (error) {
    if (!(error instanceof ReplicationError) || !error.transient) throw error
    if (unheard) return undefined
    return `the execution ${by} has the lock of the pair, and whether it still runs cannot be asked: ${error.message}`
  }
}
