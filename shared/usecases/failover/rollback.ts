import { wasBegun } from '../../domain/failover/failover-step.ts'
import { type LockFacts, lockFacts } from '../../domain/failover/lock-facts.ts'
import { placedIn, placedStill } from '../../domain/failover/placed-positions.ts'
import { whyNotCalled } from '../../domain/failover/step-order.ts'
import type { LinkStatus } from '../../domain/head.ts'
import type { Deadline } from '../ports.ts'
import { changeStatus, type StatusVerdict } from './change-status.ts'
import type { CoreDeps } from './failover-deps.ts'
import type { Execution, PerformStep, StepContext, StepResult } from './failover-ports.ts'
import { switchOn } from './switch-on.ts'
import { holderOf } from './take-lock.ts'

/**
 * Puts back what was changed before the promotion. First the lock says that nothing but this is done any more, so that a
 * step that comes late changes nothing; then the link forwards again, and applications may write where they did. Groups that
 * were placed for the promotion stay there, which is told.
 */
export const rollback: PerformStep<CoreDeps> = async (context, deadline, deps) => {
  if (!context.effects) return { outcome: 'done', message: 'a drill has changed nothing' }
  if (context.before.get('lock')?.outcome !== 'done') return { outcome: 'done', message: 'nothing was changed yet' }
  const facts = lockFacts(context.before)
  const { pair } = deps.forward
  const { status } = await pair.read(deadline)
  if (isPromoted(status, facts)) return afterPromotion(status)
  if ((await pair.close(context.execution.arn, deadline)) === 'not-held')
    return { outcome: 'done', message: 'the lock is not ours any more, and so is what there is to put back' }
  return await putBack(facts, context, deadline, deps)
}

const putBack = async (
  facts: LockFacts,
  context: StepContext,
  deadline: Deadline,
  deps: CoreDeps,
): Promise<StepResult> => {
  const { execution } = context
  const held = { by: execution.arn, phase: 'closing' as const }
  await forgive(execution, deadline, deps)
  const decide = (now: LinkStatus): StatusVerdict => puttingBack(now, facts)
  const outcome = await changeStatus(deps.forward.pair, held, decide, deadline)
  if (outcome.kind === 'refused') return await reopen(context, deadline, deps)
  if (outcome.kind === 'again') return { outcome: 'again', message: outcome.because }
  const opened = mayBeFenced(context) ? await deps.gate.open('from', context, deadline) : NOTHING_FENCED
  if (opened.outcome !== 'done') return opened
  const pollers = facts.mode === 'paused' ? 'its pollers stay off' : await switchOn(deps.forward, deadline, deps)
  const groups = groupsLeft(context, deps)
  return { outcome: 'done', message: `the link is ${facts.mode} again, ${pollers}; ${opened.message}${groups}` }
}

/**
 * Where groups stood before they were placed is not kept, so that nobody puts them back. A group without a position is put by
 * the next pass where it is on the source; of one that was placed further on, passes would lower nothing.
 */
const groupsLeft = ({ execution, before }: StepContext, { order }: CoreDeps): string => {
  const promotion = before.get('promote')
  if (execution.input.positions.kind === 'mapped' || !wasBegun(promotion)) return ''
  const still = placedStill(placedIn(promotion?.data))
  if (still === undefined) return ''
  const [to, from] = [order.to.cluster, order.from.cluster]
  return `; on ${to} ${still}. A later failover may skip what such a group has not read: delete its offsets on ${to} while it has no members there (kafka-consumer-groups --delete-offsets), and the next pass of ${order.forward.order.link.name} puts it where it is on ${from}`
}

const NOTHING_FENCED = { outcome: 'done', message: 'nothing was fenced' } as const

/**
 * A fence is written down before it is begun, whatever may follow the preflight by now. Where it was not it may be on its way,
 * if it was allowed, and finds then that this has come later. Where it was not allowed, a region that is gone is not waited for.
 */
const mayBeFenced = ({ execution, before }: StepContext): boolean => {
  const until = new Map(before)
  until.delete('rollback')
  return wasBegun(before.get('fence')) || whyNotCalled('fence', execution.input, until) === undefined
}

/** Nothing waits any more for the side that stays the active one. */
const forgive = async ({ name }: Execution, deadline: Deadline, { forward }: CoreDeps): Promise<void> => {
  const pending = await forward.pending.pending(deadline)
  if (pending?.execution !== name) return
  for (const debt of pending.owed) await forward.pending.settle(name, debt, deadline)
}

const isPromoted = ({ role, epoch }: LinkStatus, facts: LockFacts): boolean => role === 'active' && epoch >= facts.epoch

const puttingBack = (now: LinkStatus, facts: LockFacts): StatusVerdict => {
  if (isPromoted(now, facts)) return { kind: 'refused', because: 'promoted' }
  return now.mode === facts.mode ? { kind: 'is-so' } : { kind: 'change', to: { ...now, mode: facts.mode } }
}

/** A promotion was on its way when this began: then there is no way back, and the steps after it need the lock. */
const reopen = async ({ execution }: StepContext, deadline: Deadline, deps: CoreDeps): Promise<StepResult> => {
  const { status, lock } = await deps.forward.pair.read(deadline)
  const claim = { holder: holderOf(execution, deps), epoch: status.epoch, from: lock }
  if (lock.holder?.by === execution.arn) await deps.forward.pair.acquire(claim, deadline)
  return afterPromotion(status)
}

const afterPromotion = ({ epoch }: LinkStatus): StepResult => ({
  outcome: 'refused',
  message: `the promotion was written, in epoch ${epoch}: it cannot be undone, only gone on with`,
  data: { promoted: true },
})
