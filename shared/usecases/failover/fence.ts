import { ReplicationError } from '../../domain/errors.ts'
import type { FailoverOrder } from '../../domain/failover/failover-order.ts'
import { type FenceCause, fenceCause } from '../../domain/failover/fence-cause.ts'
import { lockFacts } from '../../domain/failover/lock-facts.ts'
import type { Debt } from '../../domain/failover/pending-debts.ts'
import type { Clock, Deadline } from '../ports.ts'
import { brief } from './brief-deadline.ts'
import type { PendingLedger, PerformStep, StepContext, StepResult } from './failover-ports.ts'
import type { Fencing } from './fence-ports.ts'
import type { FenceReport } from './fence-report.ts'

export interface FencingDeps {
  readonly order: FailoverOrder
  readonly fencing: Fencing
  readonly forward: { readonly pending: PendingLedger }
  readonly clock: Clock
}

/** A cluster that does not answer for so long is left for the first contact, when that is why it is failed over from. */
const CONTACT_MS = 30_000

/** Nobody may write to the old active cluster any more; when it is gone, from the first contact on. */
export const fence: PerformStep<FencingDeps> = async (context, deadline, deps) => {
  const { from } = deps.order
  if (!context.effects) return { outcome: 'done', message: `would fence ${from.cluster}: ${kindsOf(deps.order)}` }
  return await unlessGone(context, deadline, deps, async (within) =>
    resultOf(await deps.fencing.ask('fence', causeOf(context, deps), within)),
  )
}

/** Nobody does write to it any more, as far as that can be shown. */
export const prove: PerformStep<FencingDeps> = async (context, deadline, deps) => {
  if (!context.effects) return { outcome: 'done', message: 'would prove the fence' }
  const owed = await owedFence(context, deadline, deps)
  if (owed) return { outcome: 'done', message: LEFT, facts: { pending: true } }
  return await unlessGone(context, deadline, deps, async (within) =>
    resultOf(await deps.fencing.ask('prove', causeOf(context, deps), within)),
  )
}

export const causeOf = ({ execution, before }: StepContext, { order }: Pick<FencingDeps, 'order'>): FenceCause =>
  fenceCause(order, { epoch: lockFacts(before).epoch, execution: execution.name, startedAt: execution.startedAt })

export const resultOf = ({ outcome, message, weaker, unheard }: FenceReport): StepResult => ({
  outcome,
  message: weaker.length === 0 ? message : `${message} (${weaker.join('; ')})`,
  facts: { weaker, ...(unheard !== undefined && { unheard }) },
})

/** Owing it again changes nothing. Returns why it cannot be owed. */
export const owe = async (
  owed: readonly Debt[],
  { execution, before }: StepContext,
  deadline: Deadline,
  { forward, clock }: Pick<FencingDeps, 'forward' | 'clock'>,
): Promise<StepResult | undefined> => {
  const { arn, name, input } = execution
  const debts = { execution: name, epoch: lockFacts(before).epoch, tail: input.tail, since: clock.now(), owed }
  const outcome = await forward.pending.owe(arn, debts, deadline)
  if (outcome === 'owed') return undefined
  const message =
    outcome === 'other'
      ? 'what another failover owes the old active cluster is not settled yet'
      : 'the lock of the pair is not ours any more'
  return { outcome: 'refused', message }
}

const LEFT = 'the old active cluster does not answer: it is fenced at the first contact, before anything else'

const kindsOf = ({ fences }: FailoverOrder): string => fences.map(({ kind }) => kind).join(', ')

const owedFence = async (
  { execution }: StepContext,
  deadline: Deadline,
  { forward }: FencingDeps,
): Promise<boolean> => {
  const debts = await forward.pending.pending(deadline)
  return debts?.execution === execution.name && debts.owed.includes('fence')
}

/** Only who fails over because the cluster is gone may go on without it. */
const unlessGone = async (
  context: StepContext,
  deadline: Deadline,
  deps: FencingDeps,
  ask: (within: Deadline) => Promise<StepResult>,
): Promise<StepResult> => {
  if (context.execution.input.mode !== 'unplanned') return await ask(deadline)
  try {
    return await ask(brief(deadline, CONTACT_MS, deps))
  } catch (error) {
    if (!isGone(error)) throw error
    return (
      (await owe(['fence'], context, deadline, deps)) ?? { outcome: 'done', message: LEFT, facts: { pending: true } }
    )
  }
}

/** Its brokers, or the Systems Manager of its region. */
const isGone = (error: unknown): boolean =>
  error instanceof ReplicationError && (error.code === 'SOURCE_UNREACHABLE' || error.code === 'POINTER_UNREACHABLE')
