import type { LockHolder } from '../../domain/failover/pair-lock.ts'
import type { PendingDebts } from '../../domain/failover/pending-debts.ts'
import type { Clock, Deadline } from '../ports.ts'
import { brief } from './brief-deadline.ts'
import type { Executions, PairSnapshot, PairState } from './failover-ports.ts'

export interface MayEmptyDeps {
  readonly forward: { readonly pair: Pick<PairState, 'read'> }
  /** Of the link the other way; absent: there is none. */
  readonly reverse?: { readonly pair: Pick<PairState, 'read'> }
  readonly executions: Executions
  readonly clock: Clock
}

/** `passes`: it is over by itself, and looked at again; else somebody has to decide. */
export interface Obstacle {
  readonly because: string
  readonly passes: boolean
}

const REGION_MS = 5_000

/**
 * Why the old active cluster of a failover must not be emptied now. It may be the active one again, which the table of the
 * link back tells first, and become it while somebody holds the lock of either table; and what the link back would not fill
 * again, or has begun to bring already, stays as it is. Whoever takes a lock after this has looked needs the timeout of a
 * function at least until it promotes.
 */
export const whyNotEmptied = async (
  { epoch, execution }: Pick<PendingDebts, 'epoch' | 'execution'>,
  deadline: Deadline,
  deps: MayEmptyDeps,
): Promise<Obstacle | undefined> => {
  if (deps.reverse === undefined) return { because: 'no link fills it again', passes: false }
  const there = await deps.reverse.pair.read(brief(deadline, REGION_MS, deps))
  const here = await deps.forward.pair.read(deadline)
  return whyNotAsItIs(epoch, here, there) ?? (await whyNotWhileHeld(execution, [there, here], deadline, deps))
}

/** Both sides may have been promoted in the same epoch, when neither could see the other. */
const whyNotAsItIs = (epoch: number, { status: own }: PairSnapshot, { status }: PairSnapshot): Obstacle | undefined => {
  if (own.role !== 'active' || own.epoch !== epoch)
    return { because: `it is not the standby of epoch ${epoch} any more`, passes: false }
  if (status.role === 'active' && status.epoch >= epoch)
    return { because: `it was made the active cluster in epoch ${status.epoch}`, passes: false }
  if (status.mode === 'stopped') return undefined
  return { because: `the link back is ${status.mode}, and has begun`, passes: false }
}

const whyNotWhileHeld = async (
  execution: string,
  tables: readonly PairSnapshot[],
  deadline: Deadline,
  { executions, clock }: Pick<MayEmptyDeps, 'executions' | 'clock'>,
): Promise<Obstacle | undefined> => {
  const others = tables.flatMap(({ lock: { holder } }) => (holder && mayPromote(holder, execution) ? [holder.by] : []))
  for (const by of new Set(others))
    if (await executions.isRunning(by, brief(deadline, REGION_MS, { clock })))
      return { because: `${by} has the lock of the pair, and is still running`, passes: true }
  return undefined
}

/** One that has ended without giving its lock back never does. */
const mayPromote = ({ by, purpose }: LockHolder, execution: string): boolean =>
  purpose === 'failover' && !by.endsWith(`:${execution}`)
