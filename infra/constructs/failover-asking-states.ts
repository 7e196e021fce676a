import { PREFLIGHT_FRESH_MS, PREFLIGHTS, STARTED_WITHIN_MS } from './failover-patience.ts'
import { begin, decided, ERROR_TEXT, payload, stepStates, stoppedAt, TRANSIENT } from './failover-step-states.ts'
import { type ChoiceState, query, type State, type TaskState } from './state-language.ts'

export interface AskingProps {
  /** The function of the steps, by name. */
  readonly functionName: string
  /** For how long an approval is waited for. */
  readonly approvalSeconds: number
}

/** Whether anything may be changed: by the preflight, and by somebody who has read it. */
export const askingStates = (props: AskingProps): Readonly<Record<string, State>> => ({
  Gate: GATE,
  Approve: approve(props),
  'Approve outcome': APPROVAL,
  // no step after it believes the machine that somebody has approved anything
  ...stepStates(props.functionName, 'approve', { next: 'Fence', fails: 'Rollback', state: 'Approved' }),
})

/** No hash is one that nobody approved. */
const IS_APPROVED = '$boolean($approved) and $approved = $hash'

const refused = (because: string) => stoppedAt('gate', `'${because}'`)

/** Only what the preflight says was asked for. */
export const IS_DRY = '$states.context.Execution.Input.dryRun = true'

const GATE: ChoiceState = {
  Type: 'Choice',
  Choices: [
    {
      Condition: query('$passed != true'),
      Assign: refused('the preflight does not pass; its report says which checks do not'),
      Next: 'Rollback',
    },
    { Condition: query(IS_DRY), Assign: refused('nothing but the preflight was asked for'), Next: 'Rollback' },
    {
      Condition: query(`$millis() - $execution.startedAt >= ${STARTED_WITHIN_MS}`),
      Assign: refused('this was asked for too long ago; start it again'),
      Next: 'Rollback',
    },
    { Condition: query('$drill or $needsApproval = false'), Assign: begin(), Next: 'Fence' },
    { Condition: query(IS_APPROVED), Assign: begin(), Next: 'Approved' },
  ],
  Default: 'Approve',
}

/** Waits for whoever has the token. Nobody who answers in time is a no. */
const approve = ({ functionName, approvalSeconds }: AskingProps): TaskState => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Arguments: {
    FunctionName: functionName,
    Payload: payload('approve', {
      attempt: query('$attempt'),
      hash: query('$hash'),
      token: query('$states.context.Task.Token'),
      waitsMs: approvalSeconds * 1_000,
    }),
  },
  TimeoutSeconds: approvalSeconds,
  Retry: [TRANSIENT],
  Catch: [{ ErrorEquals: ['States.ALL'], Assign: stoppedAt('approve', ERROR_TEXT), Output: {}, Next: 'Rollback' }],
  Assign: {
    approved: query("$exists($states.result.hash) ? $states.result.hash : ''"),
    approver: query("$exists($states.result.by) ? $states.result.by : ''"),
    ...decided("'do': 'approve', 'hash': $states.result.hash"),
  },
  Output: {},
  Next: 'Approve outcome',
})

/** What was approved is what will be done: after a while, and after an approval of something else, it is looked at again. */
const APPROVAL: ChoiceState = {
  Type: 'Choice',
  Choices: [
    {
      Condition: query(`${IS_APPROVED} and $millis() - $preflightAt < ${PREFLIGHT_FRESH_MS}`),
      Assign: begin(),
      Next: 'Approved',
    },
    {
      Condition: query(`$attempt < ${PREFLIGHTS}`),
      Assign: { ...begin(), attempt: query('$attempt + 1') },
      Next: 'Preflight',
    },
    {
      Condition: query('true'),
      Assign: stoppedAt('approve', "'the preflight was different each time that it was approved'"),
      Next: 'Rollback',
    },
  ],
  Default: 'Rollback',
}
