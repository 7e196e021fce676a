/** The parts of the Amazon States Language, in its JSONata form, that machines of ours are made of. */
export interface StateMachineDefinition {
  readonly Comment: string
  readonly QueryLanguage: 'JSONata'
  readonly StartAt: string
  /** Of a whole execution. */
  readonly TimeoutSeconds: number
  readonly States: Readonly<Record<string, State>>
}

export type State = TaskState | ChoiceState | WaitState | PassState

/** Variables and what they become; texts within `{% %}` are JSONata. */
export type Assignment = Readonly<Record<string, unknown>>

export interface TaskState {
  readonly Type: 'Task'
  readonly Resource: string
  readonly Arguments: Readonly<Record<string, unknown>>
  readonly TimeoutSeconds: number
  /** Where it waits for its token: how often the holder has to give a sign. @default it need not */
  readonly HeartbeatSeconds?: number
  readonly Retry: readonly Retrier[]
  readonly Catch: readonly Catcher[]
  readonly Assign?: Assignment
  readonly Output: unknown
  readonly Next: string
}

export interface Retrier {
  readonly ErrorEquals: readonly string[]
  readonly IntervalSeconds: number
  readonly BackoffRate: number
  readonly MaxAttempts: number
  readonly MaxDelaySeconds: number
  readonly JitterStrategy: 'FULL' | 'NONE'
}

export interface Catcher {
  readonly ErrorEquals: readonly string[]
  readonly Assign?: Assignment
  readonly Output: unknown
  readonly Next: string
}

export interface ChoiceState {
  readonly Type: 'Choice'
  readonly Choices: readonly ChoiceRule[]
  readonly Default: string
}

export interface ChoiceRule {
  readonly Condition: string
  readonly Assign?: Assignment
  readonly Next: string
}

export interface WaitState {
  readonly Type: 'Wait'
  /** A number, or a query for one. */
  readonly Seconds: number | string
  readonly Next: string
}

export type PassState = { readonly Type: 'Pass'; readonly Assign?: Assignment; readonly Output: unknown } & (
  | { readonly Next: string }
  | { readonly End: true }
)

/** A JSONata expression, as the language marks them. */
export const query = (expression: string): string => `{% ${expression} %}`
