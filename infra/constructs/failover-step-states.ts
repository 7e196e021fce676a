import type { ClosingStep, FailoverStep } from '../../shared/domain/failover/failover-step.ts'
import { CALL_TIMEOUT_SECONDS, type CalledStep, PATIENCE_SECONDS, PAUSE } from './failover-patience.ts'
import {
  type Assignment,
  type Catcher,
  type ChoiceState,
  query,
  type Retrier,
  type State,
  type TaskState,
} from './state-language.ts'

export interface StepWays {
  /** Where it goes on when the step is done. */
  readonly next: string
  /** Where it goes on when the step cannot be done. */
  readonly fails: string
  /** @default as the step is called */
  readonly state?: string
}

type AnyStep = FailoverStep | ClosingStep

export const stateOf = (step: AnyStep): string => `${step.charAt(0).toUpperCase()}${step.slice(1)}`

const PAUSE_SECONDS = query(
  `$millis() - $since < ${PAUSE.laterAfterMs} ? ${PAUSE.firstSeconds} : ${PAUSE.laterSeconds}`,
)

/** A step, what decides by its answer, and the pause before it is called again. */
export const stepStates = (functionName: string, step: CalledStep, ways: StepWays): Readonly<Record<string, State>> => {
  const { state = stateOf(step) } = ways
  return {
    [state]: call(functionName, step, state, ways),
    [`${state} outcome`]: outcome(step, state, ways),
    [`${state} waits`]: { Type: 'Wait', Seconds: PAUSE_SECONDS, Next: state },
  }
}

/** AWS's own and passing: whatever our function throws is caught, since it answers what may pass with `again`. */
export const TRANSIENT: Retrier = {
  ErrorEquals: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
  ],
  IntervalSeconds: 1,
  BackoffRate: 2,
  MaxAttempts: 6,
  MaxDelaySeconds: 20,
  JitterStrategy: 'FULL',
}

/** What every call says; see `step-call.ts`. */
export const payload = (step: AnyStep, more: Assignment = {}): Assignment => ({
  step,
  execution: query('$execution'),
  input: query('$states.context.Execution.Input'),
  attempt: 1,
  ...more,
})

/** What a person answered, for the report. */
export const decided = (what: string): Assignment => ({
  decisions: query(`$append($decisions, [{${what}, 'by': $states.result.by, 'at': $millis()}])`),
})

/** A step that failed, and why, for the ledger, the report and whoever is asked. */
export const stoppedAt = (step: string, message: string): Assignment => ({
  stoppedAt: { step, message: query(`$substring(${message}, 0, 1000)`) },
})

export const ERROR_TEXT = "$states.errorOutput.Error & ': ' & $states.errorOutput.Cause"

/** When the answer is one that nobody understands, the variables below have no value, which is caught as well. */
const call = (functionName: string, step: CalledStep, state: string, { fails }: StepWays): TaskState => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: functionName, Payload: payload(step, TOLD[step]) },
  TimeoutSeconds: CALL_TIMEOUT_SECONDS,
  Retry: [TRANSIENT],
  Catch: [IS_CALLED_AGAIN.includes(step) ? calledAgain(step) : caught(step, fails)],
  Assign: {
    outcome: query('$states.result.Payload.outcome'),
    message: query('$states.result.Payload.message'),
    ...HEARD[step],
  },
  Output: {},
  Next: `${state} outcome`,
})

/** What puts back and gives back has nobody after it who would: whatever fails in it is tried again while there is patience. */
const IS_CALLED_AGAIN: readonly CalledStep[] = ['rollback', 'release']

const calledAgain = (step: CalledStep): Catcher => ({
  ErrorEquals: ['States.ALL'],
  Assign: { outcome: 'again', message: query(`$substring(${ERROR_TEXT}, 0, 1000)`) },
  Output: {},
  Next: `${stateOf(step)} outcome`,
})

const caught = (step: CalledStep, fails: string): Catcher => ({
  ErrorEquals: ['States.ALL'],
  Assign: { ...begin(), ...stoppedAt(nameWhenStopped(step), ERROR_TEXT) },
  Output: {},
  Next: fails,
})

/** A promotion that was to be undone, and could not be, is still the step that an operator may go on with. */
const nameWhenStopped = (step: CalledStep): string =>
  step === 'rollback' ? query("$stoppedAt.step = 'promote' ? 'promote' : 'rollback'") : step

const STOPPED = { stoppedAt: query('$stoppedAt') }
const ENDING = { ending: query('$ending'), ...STOPPED }

/** What some steps are told besides. */
const TOLD: Partial<Record<CalledStep, Assignment>> = {
  preflight: { attempt: query('$attempt') },
  approve: { attempt: query('$attempt'), approved: { hash: query('$approved'), by: query('$approver') } },
  rollback: STOPPED,
  report: { ...ENDING, decisions: query('$decisions') },
  release: ENDING,
}

const data = (name: string, otherwise: string): string =>
  query(`$states.result.Payload.outcome = 'done' ? $states.result.Payload.data.${name} : ${otherwise}`)

/** What the machine keeps of the answers of some steps besides, to decide by, or to tell at its end. */
const HEARD: Partial<Record<CalledStep, Assignment>> = {
  validate: { rests: query('$exists($states.result.Payload.data.rests) and $states.result.Payload.data.rests') },
  preflight: {
    hash: data('hash', "''"),
    passed: data('passed', 'false'),
    needsApproval: data('needsApproval', 'true'),
    preflightAt: query('$millis()'),
  },
  report: { report: query('$exists($states.result.Payload.data.report) ? $states.result.Payload.data.report : null') },
}

/** An execution that is taken up again days later has its time anew. */
const SINCE = '$max([$since, $toMillis($states.context.Execution.RedriveTime)])'

const outcome = (step: CalledStep, state: string, { next, fails }: StepWays): ChoiceState => ({
  Type: 'Choice',
  Choices: [
    { Condition: query("$outcome = 'done'"), Assign: { ...begin(), ...DONE[step] }, Next: next },
    {
      Condition: query(`$outcome = 'again' and $millis() - ${SINCE} < ${PATIENCE_SECONDS[step] * 1_000}`),
      Next: `${state} waits`,
    },
    {
      Condition: query('true'),
      Assign: { ...begin(), ...stoppedAt(nameWhenStopped(step), "$outcome & ': ' & $message") },
      Next: fails,
    },
  ],
  Default: fails,
})

/** The patience with a step is counted from its first call on. */
export const begin = (): Assignment => ({ since: query('$millis()') })

const DONE: Partial<Record<CalledStep, Assignment>> = {
  rollback: { ending: 'rolled-back' },
}
