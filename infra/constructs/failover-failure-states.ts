import type { ClosingStep, FailoverStep } from '../../shared/domain/failover/failover-step.ts'
import { HOLD_ATTEMPTS, HOLD_SECONDS } from './failover-patience.ts'
import { begin, decided, payload, stateOf, TRANSIENT } from './failover-step-states.ts'
import { type ChoiceRule, type ChoiceState, query, type State, type TaskState } from './state-language.ts'

/** What follows when something fails that no rollback undoes by itself. */
export const failureStates = (functionName: string): Readonly<Record<string, State>> => ({
  Failed: FAILED,
  HoldForOperator: hold(functionName),
  'HoldForOperator failed': UNASKED,
  'HoldForOperator waits': { Type: 'Wait', Seconds: 60, Next: 'HoldForOperator' },
  'HoldForOperator outcome': HELD,
})

/** A report that cannot be written holds nobody up but a failover that succeeded; a drill changed nothing, and never holds. */
const FAILED: ChoiceState = {
  Type: 'Choice',
  Choices: [
    { Condition: query("$stoppedAt.step = 'report' and $ending != 'done'"), Assign: begin(), Next: 'Release' },
    { Condition: query("$drill and $ending = 'rolled-back'"), Assign: begin(), Next: 'Report' },
    { Condition: query('$drill'), Assign: { ...begin(), ending: 'rolled-back' }, Next: 'Rollback' },
  ],
  Default: 'HoldForOperator',
}

/** Asks again when it cannot ask: past the point of no return nothing goes on by itself. */
const hold = (functionName: string): TaskState => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Arguments: {
    FunctionName: functionName,
    Payload: payload('hold', {
      token: query('$states.context.Task.Token'),
      waitsMs: HOLD_SECONDS * 1_000,
      stoppedAt: query('$stoppedAt'),
    }),
  },
  TimeoutSeconds: HOLD_SECONDS,
  Retry: [TRANSIENT],
  Catch: [
    { ErrorEquals: ['States.Timeout'], Assign: { ...begin(), ending: 'held' }, Output: {}, Next: 'Report' },
    {
      ErrorEquals: ['States.ALL'],
      Assign: { unasked: query('$unasked + 1') },
      Output: {},
      Next: 'HoldForOperator failed',
    },
  ],
  Assign: {
    unasked: 0,
    answer: query("$exists($states.result.do) ? $states.result.do : ''"),
    ...decided("'do': $states.result.do"),
  },
  Output: {},
  Next: 'HoldForOperator outcome',
})

const UNASKED: ChoiceState = {
  Type: 'Choice',
  Choices: [
    { Condition: query(`$unasked < ${HOLD_ATTEMPTS}`), Next: 'HoldForOperator waits' },
    { Condition: query('true'), Assign: { ...begin(), ending: 'held' }, Next: 'Report' },
  ],
  Default: 'Report',
}

const RESUMABLE: readonly (FailoverStep | ClosingStep)[] = [
  'promote',
  'switch',
  'verify',
  'reverse',
  'report',
  'rollback',
]

const resume = (step: FailoverStep | ClosingStep): ChoiceRule => ({
  Condition: query(`$answer = 'retry' and $stoppedAt.step = '${step}'`),
  Assign: begin(),
  Next: stateOf(step),
})

/** An answer that means nothing here is asked for again. */
const HELD: ChoiceState = {
  Type: 'Choice',
  Choices: [
    ...RESUMABLE.map(resume),
    {
      Condition: query("$answer = 'rollback' and $stoppedAt.step = 'promote'"),
      Assign: begin(),
      Next: 'Rollback',
    },
    { Condition: query("$answer = 'end'"), Assign: { ...begin(), ending: 'held' }, Next: 'Report' },
  ],
  Default: 'HoldForOperator',
}
