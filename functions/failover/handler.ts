import type { FailoverDeps } from '../../shared/adapters/failover-connections.ts'
import { createFunction } from '../../shared/adapters/lambda/invocation.ts'
import { parseFailoverInput } from '../../shared/config/failover-input.ts'
import { ReplicationError } from '../../shared/domain/errors.ts'
import type { TailChoice } from '../../shared/domain/failover/failover-input.ts'
import type { AnyStep, StepAnswer } from '../../shared/domain/failover/failover-step.ts'
import type { StepCall } from '../../shared/domain/failover/step-call.ts'
import type { AwsPlace } from '../../shared/domain/secret-reference.ts'
import type { AskDeps } from '../../shared/usecases/failover/ask-operator.ts'
import type { StepLedger } from '../../shared/usecases/failover/failover-ports.ts'
import { runStep, type Steps } from '../../shared/usecases/failover/run-step.ts'
import { stepCallOf } from './step-event.ts'

export type StepDeps = FailoverDeps & AskDeps

export interface HandlerDeps<Deps extends AskDeps> {
  /** Connects where the function runs. */
  readonly connect: (place: AwsPlace) => { readonly ledger: StepLedger; readonly deps: Deps }
  readonly steps: Steps<Deps>
  /** What becomes of a stranded tail where the input says nothing. */
  readonly tail: TailChoice
  /** Told of every call. */
  readonly tell: (call: StepCall, answer: StepAnswer) => void
}

/**
 * One step of one execution. It always answers; what it throws is not foreseen, but for a question that could not be asked:
 * the state machine waits for its answer, and must not wait for nothing.
 */
export const createHandler = <Deps extends AskDeps>({ connect, steps, tail, tell }: HandlerDeps<Deps>) =>
  createFunction(stepCallOf, connect, async (call, deadline, { ledger, deps }): Promise<StepAnswer> => {
    const answer = await answerTo(call, tail, (input) => {
      const { execution, input: _, ...called } = call
      return runStep(called, { ...execution, input }, deadline, { ledger, clock: deps.clock, steps, deps })
    })
    tell(call, answer)
    if (isQuestion(call) && answer.data?.['asked'] !== true)
      throw new ReplicationError('STATE_UNREACHABLE', `asking an operator: ${answer.message}`)
    return answer
  })

/** Where the input makes no sense nothing is begun, so that there is nothing to be put back either. */
const ENDS: readonly AnyStep[] = ['rollback', 'report', 'release']

/** Told of the answer, nobody is asked. */
const isQuestion = ({ step, approved }: StepCall): boolean =>
  (step === 'approve' && approved === undefined) || step === 'hold'

const answerTo = async (
  { step, input }: StepCall,
  tail: TailChoice,
  run: (input: ReturnType<typeof parseFailoverInput>) => Promise<StepAnswer>,
): Promise<StepAnswer> => {
  let parsed: ReturnType<typeof parseFailoverInput>
  try {
    parsed = parseFailoverInput(input, { tail })
  } catch (error) {
    if (!(error instanceof ReplicationError)) throw error
    return { outcome: ENDS.includes(step) ? 'done' : 'refused', message: error.message }
  }
  return await run(parsed)
}
