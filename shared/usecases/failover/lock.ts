import { whyNotThisWay } from '../../domain/failover/direction.ts'
import { mayTakeUnheard } from '../../domain/failover/lock-verdict.ts'
import { nextEpoch } from '../../domain/failover/pair-roles.ts'
import type { Deadline } from '../ports.ts'
import type { CoreDeps } from './failover-deps.ts'
import type { PerformStep, StepContext, StepResult } from './failover-ports.ts'
import { type PairReading, readPair, rolesOf } from './pair-reading.ts'
import { holderOf, type Taking, takeLock } from './take-lock.ts'
import { directionFacts } from './validate.ts'

/**
 * Takes the lock of the pair in both regions, ours first, and says with which epoch is promoted. What is true of the pair
 * is looked at once more under the lock. A drill takes no more than ours, which gives way to whoever is no drill.
 */
export const lock: PerformStep<CoreDeps> = async (context, deadline, deps) => {
  const mayMiss = context.execution.input.mode === 'unplanned'
  const before = await readPair({ mayMiss }, deadline, deps)
  const reserved = reservedBelow(before, context)
  const epoch = nextEpoch(rolesOf(before), reserved)
  const takings = await takeBoth(before, epoch, context, deadline, deps)
  const stopped = takings.find(({ kind }) => kind !== 'taken')
  if (stopped !== undefined && stopped.kind !== 'taken') return { outcome: stopped.kind, message: stopped.because }
  const under = await readPair({ mayMiss }, deadline, deps)
  const because = whyNotThisWay(
    directionFacts({ ...under, forward: { ...under.forward, lock: before.forward.lock } }, context, deps),
  )
  if (because !== undefined) return { outcome: 'refused', message: because }
  if (nextEpoch(rolesOf(under), reserved) !== epoch)
    return { outcome: 'again', message: 'the roles of the pair were changed while the lock was taken' }
  return taken(under, epoch, takings)
}

/** What was reserved before us: what we reserved ourselves, before we died, stays the epoch to promote with. */
const reservedBelow = ({ forward, unheard }: PairReading, { execution }: StepContext): number => {
  if (unheard === undefined) return 0
  const { holder, reserved } = forward.lock
  return holder?.by === execution.arn ? reserved - 1 : reserved
}

const takeBoth = async (
  { forward, reverse }: PairReading,
  epoch: number,
  { execution, effects }: StepContext,
  deadline: Deadline,
  deps: CoreDeps,
): Promise<readonly Taking[]> => {
  const wish = { holder: holderOf(execution, deps), unheard: mayTakeUnheard(execution.input) }
  const here = { ...wish, lock: forward.lock, epoch: effects ? epoch : 0 }
  const own = await takeLock(deps.forward.pair, here, deadline, deps)
  if (own.kind !== 'taken' || !effects || reverse === undefined || deps.reverse === undefined) return [own]
  return [own, await takeLock(deps.reverse.pair, { ...wish, lock: reverse.lock, epoch }, deadline, deps)]
}

/** What a rollback puts back: a link that only a failover can have stopped was forwarding before. */
const taken = ({ forward, unheard }: PairReading, epoch: number, takings: readonly Taking[]): StepResult => {
  const mode = forward.status.mode === 'paused' ? 'paused' : 'forwarding'
  const from = takings.flatMap((taking) => (taking.kind === 'taken' ? (taking.from ?? []) : []))
  const message = [
    `epoch ${epoch} is ours to promote with`,
    ...(unheard === undefined ? [] : ['the lock in the other region waits for its first contact']),
    ...[...new Set(from)].map((ended) => `taken over from ${ended}, which has ended`),
  ].join('; ')
  return { outcome: 'done', message, facts: { epoch, mode } }
}
