import { ReplicationError } from '../../domain/errors.ts'
import { hasEffects } from '../../domain/failover/failover-input.ts'
import {
  type AnyStep,
  recordName,
  type StepAnswer,
  type StepRecord,
  wasBegun,
} from '../../domain/failover/failover-step.ts'
import { CHANGES, latestOf, whyNotCalled } from '../../domain/failover/step-order.ts'
import type { Clock, Deadline } from '../ports.ts'
import type { Execution, PerformStep, RememberedStep, StepContext, StepLedger, StepResult } from './failover-ports.ts'

/** What does each step; `gate` is decided by the state machine itself. */
export type Steps<Deps> = Readonly<Record<Exclude<AnyStep, 'gate'>, PerformStep<Deps>>>

export interface RunDeps<Deps> {
  readonly ledger: StepLedger
  readonly clock: Clock
  readonly steps: Steps<Deps>
  readonly deps: Deps
}

/**
 * One call of one step. What is done already is answered again, as it was; what is not is done, remembered, and answered.
 * A step that may succeed later answers `again`, whatever it was that failed; nobody but the ledger is trusted to know what
 * was done before.
 */
export const runStep = async <Deps>(
  call: StepContext['call'],
  execution: Execution,
  deadline: Deadline,
  run: RunDeps<Deps>,
): Promise<StepAnswer> => {
  try {
    const records = await run.ledger.steps(execution.name, deadline)
    const known = records.get(recordName(call))
    if (known?.outcome === 'done') return answerOf(known)
    const before = latestOf(records.values())
    const context: StepContext = { execution, call, effects: hasEffects(execution.input), before }
    const record = await perform(context, known, deadline, run)
    if ((await run.ledger.remember(execution.name, record, deadline)) === 'remembered') return answerOf(record)
    const kept = (await run.ledger.steps(execution.name, deadline)).get(recordName(call))
    return answerOf(kept ?? record)
  } catch (error) {
    return failed(error)
  }
}

const perform = async <Deps>(
  context: StepContext,
  known: StepRecord | undefined,
  deadline: Deadline,
  run: RunDeps<Deps>,
): Promise<RememberedStep> => {
  const { clock, steps, deps } = run
  const { call, execution, before } = context
  const { step, attempt } = call
  const startedAt = known?.startedAt ?? clock.now()
  const begun = { step, attempt, startedAt, calls: known?.calls ?? 0 }
  const because = whyNotCalled(step, execution.input, before)
  if (because === undefined && !wasBegun(known)) await remembersThatItBegan(context, begun, deadline, run)
  const result: StepResult | Failure =
    because === undefined
      ? await steps[step](context, deadline, deps).catch(failed)
      : { outcome: 'refused', message: `${step} may not be done now: ${because}` }
  const facts = 'facts' in result ? result.facts : undefined
  return {
    ...begun,
    outcome: 'failed' in result ? 'failed' : result.outcome,
    message: result.message,
    endedAt: clock.now(),
    calls: because === undefined || wasBegun(known) ? begun.calls + 1 : 0,
    ...('data' in result && result.data !== undefined && { answered: result.data }),
    ...(facts !== undefined && { data: facts }),
  }
}

/** Before it changes anything: whoever puts that back later has to know of a call that died as well. */
const remembersThatItBegan = async <Deps>(
  { execution, effects, call: { step } }: StepContext,
  begun: Pick<StepRecord, 'step' | 'attempt' | 'startedAt' | 'calls'>,
  deadline: Deadline,
  { ledger, clock }: RunDeps<Deps>,
): Promise<void> => {
  if (!effects || !CHANGES.includes(step)) return
  const record = { ...begun, outcome: 'again', message: `${step} has begun`, endedAt: clock.now() } as const
  await ledger.remember(execution.name, record, deadline)
}

const answerOf = ({ outcome, message, answered }: RememberedStep): StepAnswer => ({
  outcome: outcome === 'failed' ? 'refused' : outcome,
  message,
  ...(answered !== undefined && { data: answered }),
})

type Failure = StepAnswer & { readonly failed?: true }

/** What may pass is met again; what will not pass by itself is refused. Anything that is no error of ours goes on its way. */
const failed = (error: unknown): Failure => {
  if (!(error instanceof ReplicationError)) throw error
  if (error.transient) return { outcome: 'again', message: error.message }
  return { outcome: 'refused', message: error.message, failed: true }
}
