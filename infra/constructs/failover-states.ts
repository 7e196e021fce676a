import { type AskingProps, askingStates, IS_DRY } from './failover-asking-states.ts'
import { drillStates } from './failover-drill-states.ts'
import { failureStates } from './failover-failure-states.ts'
import { EXECUTION_SECONDS } from './failover-patience.ts'
import { stepStates } from './failover-step-states.ts'
import { type ChoiceState, query, type StateMachineDefinition } from './state-language.ts'

export interface FailoverStatesProps extends AskingProps {
  /** Of the forward link. */
  readonly tableName: string
}

/**
 * The state machine of a failover. It knows what steps answer and nothing else: facts travel through the ledger.
 *
 *   Validate ► Lock ► Preflight ► Gate ► Approve(d) ► Fence ► Prove ► Drain ► Groups ► Stop ► Boundary ► Promote ─┐
 *                         ▲                 └─ or again ┘ what fails: Rollback ► Report ► Release ► End          │
 *                         └──────────────────────┘                                                              │
 *   End ◄ Release ◄ Report ◄ Reverse ◄ Verify ◄ Switch ◄────────────────────────────────────────────────────────┘
 *                         what fails: HoldForOperator, who says retry, rollback (of Promote alone) or end
 *
 * A state of a step is followed by one that decides by its answer, and by one that waits before it is called again. Whether
 * Promote was the point of no return when it failed, the rollback finds out, and is refused then: that holds as well.
 */
export const failoverStates = (props: FailoverStatesProps): StateMachineDefinition => {
  const { functionName, tableName } = props
  return {
    Comment: 'Twinshore: fails over along one link of a pair',
    QueryLanguage: 'JSONata',
    StartAt: 'Begin',
    TimeoutSeconds: EXECUTION_SECONDS,
    States: {
      Begin: { Type: 'Pass', Assign: BEGINNING, Output: {}, Next: 'Validate' },
      ...stepStates(functionName, 'validate', { next: 'Validated', fails: 'Rollback' }),
      Validated: VALIDATED,
      ...stepStates(functionName, 'lock', { next: 'Preflight', fails: 'Rollback' }),
      ...stepStates(functionName, 'preflight', { next: 'Gate', fails: 'Rollback' }),
      ...askingStates(props),
      ...stepStates(functionName, 'fence', { next: 'Prove', fails: 'Rollback' }),
      ...stepStates(functionName, 'prove', { next: 'Drain', fails: 'Rollback' }),
      ...stepStates(functionName, 'drain', { next: 'Groups', fails: 'Rollback' }),
      ...stepStates(functionName, 'groups', { next: 'Stop', fails: 'Rollback' }),
      ...stepStates(functionName, 'stop', { next: 'Boundary', fails: 'Rollback' }),
      ...stepStates(functionName, 'boundary', { next: 'Promote', fails: 'Rollback' }),
      ...stepStates(functionName, 'promote', { next: 'Switch', fails: 'Rollback' }),
      ...stepStates(functionName, 'switch', { next: 'Verify', fails: 'Failed' }),
      ...stepStates(functionName, 'verify', { next: 'Reverse', fails: 'Failed' }),
      ...stepStates(functionName, 'reverse', { next: 'Report', fails: 'Failed' }),
      ...stepStates(functionName, 'report', { next: 'Release', fails: 'Failed' }),
      ...stepStates(functionName, 'release', { next: 'Release ends', fails: 'Release ends' }),
      ...stepStates(functionName, 'rollback', { next: 'Report', fails: 'Failed' }),
      ...failureStates(functionName),
      ...drillStates(tableName),
      End: {
        Type: 'Pass',
        Output: { outcome: query('$ending'), execution: query('$execution.name'), report: query('$report') },
        End: true,
      },
    },
  }
}

/** A drill that has nothing to practise is over before it has taken anything that it would have to give back. */
const VALIDATED: ChoiceState = {
  Type: 'Choice',
  Choices: [{ Condition: query('$rests'), Assign: { ending: 'resting' }, Next: 'End' }],
  Default: 'Lock',
}

const HAS_NO_EFFECTS = `($states.context.Execution.Input.mode = 'drill' or ${IS_DRY})`

/** Every variable that any state reads has a value from here on: a condition without one would end the execution. */
const BEGINNING = {
  execution: {
    name: query('$states.context.Execution.Name'),
    arn: query('$states.context.Execution.Id'),
    startedAt: query('$toMillis($states.context.Execution.StartTime)'),
  },
  drill: query(HAS_NO_EFFECTS),
  ending: query(`${HAS_NO_EFFECTS} ? 'drilled' : 'done'`),
  since: query('$millis()'),
  ...{
    outcome: '',
    message: '',
    rests: false,
    attempt: 1,
    passed: false,
    needsApproval: true,
    hash: '',
    preflightAt: 0,
  },
  ...{ approved: '', approver: '', answer: '', decisions: [], stoppedAt: null, report: null, unasked: 0 },
}
