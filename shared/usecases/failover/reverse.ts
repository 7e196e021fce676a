import { ReplicationError } from '../../domain/errors.ts'
import { lockFacts } from '../../domain/failover/lock-facts.ts'
import { mayTakeUnheard } from '../../domain/failover/lock-verdict.ts'
import type { LockHolder } from '../../domain/failover/pair-lock.ts'
import { reversed } from '../../domain/failover/pair-roles.ts'
import type { Debt } from '../../domain/failover/pending-debts.ts'
import type { LinkStatus } from '../../domain/head.ts'
import type { Deadline } from '../ports.ts'
import { brief } from './brief-deadline.ts'
import { changeStatus, type StatusVerdict } from './change-status.ts'
import type { CoreDeps } from './failover-deps.ts'
import type { PerformStep, StepContext, StepResult } from './failover-ports.ts'
import { type SeedCause, seedReverse } from './seed-reverse.ts'
import { standDownThere } from './stand-down-there.ts'
import { switchOn } from './switch-on.ts'
import { holderOf, takeLock } from './take-lock.ts'

/** How often an old active side that does not answer is asked before it is left to the first contact. */
const CALLS = 10

/**
 * The link the other way begins, or is owed: where the old active side is gone, and where it is not fenced yet or has a tail
 * to settle. That side stands down at once all the same.
 */
export const reverse: PerformStep<CoreDeps> = async (context, deadline, deps) => {
  const { epoch } = lockFacts(context.before)
  const { execution } = context
  if (deps.reverse === undefined) return { outcome: 'done', message: 'no link leads back' }
  if (!context.effects) return { outcome: 'done', message: 'would begin the link back at the boundary' }
  const drained = execution.input.mode !== 'unplanned'
  const first = drained ? [] : await debtsBefore(execution, deadline, deps)
  if (first.length > 0) return await afterDebts(first, context, deadline, deps)
  const turn: TurnBack = {
    holder: holderOf(execution, deps),
    unheard: mayTakeUnheard(execution.input),
    cause: { execution: execution.name, epoch, drained, refill: !drained && execution.input.tail === 'scrape' },
  }
  try {
    return await turnBack(turn, deadline, deps)
  } catch (error) {
    const calls = context.before.get('reverse')?.calls ?? 0
    if (!(error instanceof ReplicationError) || !error.transient || (drained && calls < CALLS)) throw error
    return await owed(
      ['roles', 'reverse'],
      { context, because: `at the first contact: ${error.message}` },
      deadline,
      deps,
    )
  }
}

/** A region that is gone is asked again and again, as long as there is time; it learns of it at the first contact as well. */
const OTHER_REGION_MS = 10_000

/** What comes before the link back. */
const FIRST: readonly Debt[] = ['fence', 'roles', 'tail']

const debtsBefore = async (
  { name }: StepContext['execution'],
  deadline: Deadline,
  { forward }: CoreDeps,
): Promise<readonly Debt[]> => {
  const debts = await forward.pending.pending(deadline)
  return debts?.execution === name ? FIRST.filter((debt) => debts.owed.includes(debt)) : []
}

/** Copies must not come to a cluster that applications may write to, nor behind a tail that is to be read or deleted. */
const afterDebts = async (
  first: readonly Debt[],
  context: StepContext,
  deadline: Deadline,
  deps: CoreDeps,
): Promise<StepResult> => {
  const down = await standDownThere(brief(deadline, OTHER_REGION_MS, deps), deps).catch((error: unknown) => {
    if (error instanceof ReplicationError && error.transient) return error
    throw error
  })
  if (!(down instanceof ReplicationError) && down.outcome === 'again') return down
  const debts = down instanceof ReplicationError ? (['roles', 'reverse'] as const) : (['reverse'] as const)
  const because = `once this is settled: ${first.join(', ')}; ${down.message}`
  return await owed(debts, { context, because }, deadline, deps)
}

export interface TurnBack {
  /** In whose name the roles of the old active side are changed. */
  readonly holder: LockHolder
  readonly unheard: boolean
  readonly cause: SeedCause
}

/**
 * The old active side stands down first. Then the link that leads there is set to the boundary, and forwards: one write that
 * says that all before it was done. A link that was forwarding all the while goes on where it is.
 */
export const turnBack = async (turn: TurnBack, deadline: Deadline, deps: CoreDeps): Promise<StepResult> => {
  const { order, reverse: back } = deps
  if (back === undefined || order.reverse === undefined) return { outcome: 'done', message: 'no link leads back' }
  const { holder, unheard, cause } = turn
  const { lock } = await back.pair.read(deadline)
  const taking = await takeLock(back.pair, { holder, unheard, lock, epoch: cause.epoch }, deadline, deps)
  if (taking.kind !== 'taken') return { outcome: taking.kind, message: taking.because }
  const held = { by: holder.by, phase: 'acting' as const }
  const down = await changeStatus(back.pair, held, (now) => standingDown(now, cause.epoch), deadline)
  if ('because' in down) return { outcome: down.kind, message: down.because }
  const { status } = await back.pair.read(deadline)
  if (status.mode === 'forwarding') return forwards('goes on', await switchOn(back, deadline, deps))
  if (status.mode !== 'stopped') return { outcome: 'done', message: `the link back is ${status.mode}` }
  const { link } = order.reverse.order
  const stands = async (): Promise<boolean> => (await back.pair.read(deadline)).status.mode === 'stopped'
  const seeded = await seedReverse(cause, { link, stands }, deadline, { ...deps, reverse: back })
  const begun = await changeStatus(back.pair, held, (now) => beginning(now, cause.epoch), deadline)
  if ('because' in begun) return { outcome: begun.kind, message: begun.because }
  const how = `begins at the boundary of ${seeded.partitions} partitions of ${seeded.topics} topics`
  return { ...forwards(how, await switchOn(back, deadline, deps)), facts: { ...seeded } }
}

const forwards = (how: string, pollers: string): StepResult => ({
  outcome: 'done',
  message: `the link back ${how}; ${pollers}`,
})

const later = (now: LinkStatus): StatusVerdict => ({
  kind: 'refused',
  because: `the old active side is in epoch ${now.epoch}: somebody has failed over since`,
})

const standingDown = (now: LinkStatus, epoch: number): StatusVerdict => {
  if (now.epoch > epoch) return later(now)
  if (now.epoch === epoch && now.role === 'standby') return { kind: 'is-so' }
  return { kind: 'change', to: { mode: now.mode, role: 'standby', epoch } }
}

const beginning = (now: LinkStatus, epoch: number): StatusVerdict => {
  if (now.epoch > epoch) return later(now)
  return now.mode === 'forwarding' ? { kind: 'is-so' } : { kind: 'change', to: reversed(epoch) }
}

interface Owing {
  readonly context: StepContext
  /** When the link back begins, for people. */
  readonly because: string
}

const owed = async (
  owing: readonly Debt[],
  { context: { execution, before }, because }: Owing,
  deadline: Deadline,
  { forward, clock }: CoreDeps,
): Promise<StepResult> => {
  const { name, arn, input } = execution
  const { epoch } = lockFacts(before)
  const debts = { execution: name, epoch, tail: input.tail, since: clock.now(), owed: owing }
  const outcome = await forward.pending.owe(arn, debts, deadline)
  if (outcome !== 'owed') {
    const why = outcome === 'other' ? 'another failover still owes something' : 'the lock is not ours any more'
    return { outcome: 'refused', message: `the link back can neither begin nor be owed: ${why}; ${because}` }
  }
  return { outcome: 'done', message: `the link back begins ${because}`, facts: { owed: true } }
}
