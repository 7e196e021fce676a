import type { Catcher, Retrier } from '../../infra/constructs/state-language.ts'

/** An error of a state machine, by the name that `Retry` and `Catch` know. */
export class StateError extends Error {
  constructor(name: string, cause: string) {
    super(cause)
    this.name = name
  }
}

/** Somebody stopped the execution. */
export class Stopped extends Error {}

/** The time of the whole execution is over. */
export class TimeIsUp extends Error {}

export type Ending =
  | { readonly status: 'SUCCEEDED'; readonly output: unknown }
  | { readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'; readonly error: string; readonly cause: string }

/** No `States.ALL` stands for them. */
const TERMINAL: readonly string[] = ['States.DataLimitExceeded', 'States.Runtime']

export const matches = ({ ErrorEquals }: Pick<Catcher, 'ErrorEquals'>, { name }: StateError): boolean =>
  ErrorEquals.includes(name) ||
  (ErrorEquals.includes('States.ALL') && !TERMINAL.includes(name)) ||
  (ErrorEquals.includes('States.TaskFailed') && name !== 'States.Timeout' && !TERMINAL.includes(name))

/** The longest that jitter leaves of the pause before another attempt. */
export const pauseMs = ({ IntervalSeconds, BackoffRate, MaxDelaySeconds }: Retrier, attemptsMade: number): number =>
  1_000 * Math.min(IntervalSeconds * BackoffRate ** attemptsMade, MaxDelaySeconds)

export const asEnding = (error: unknown): Ending => {
  if (error instanceof Stopped) return { status: 'ABORTED', error: '', cause: '' }
  if (error instanceof TimeIsUp) return { status: 'TIMED_OUT', error: 'States.Timeout', cause: '' }
  if (error instanceof StateError) return { status: 'FAILED', error: error.name, cause: error.message }
  throw error
}
