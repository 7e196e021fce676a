import type { ClosingStep, FailoverStep } from '../../shared/domain/failover/failover-step.ts'

/** A step that the function is called for, over and over as long as it answers `again`. */
export type CalledStep = Exclude<FailoverStep, 'gate'> | Exclude<ClosingStep, 'hold'>

const MINUTE = 60

/** Counted from the first call of a step on; later `again` is a refusal. All of it, with approvals, fits into an execution. */
export const PATIENCE_SECONDS: Readonly<Record<CalledStep, number>> = {
  validate: 5 * MINUTE,
  lock: 5 * MINUTE,
  preflight: 10 * MINUTE,
  approve: 5 * MINUTE, // to write down what somebody has answered
  fence: 5 * MINUTE,
  prove: 10 * MINUTE, // a producer that is at it gives up after two minutes
  drain: 60 * MINUTE,
  groups: 30 * MINUTE,
  stop: 30 * MINUTE, // mappings take 90 s, and a function up to 14 minutes
  boundary: 5 * MINUTE,
  promote: 5 * MINUTE,
  switch: 5 * MINUTE,
  verify: 5 * MINUTE,
  reverse: 30 * MINUTE,
  report: 5 * MINUTE,
  rollback: 30 * MINUTE,
  release: 5 * MINUTE,
}

/** Between two calls: clients wait for the first ones, and an execution has 25,000 events for all of them. */
export const PAUSE = { firstSeconds: 2, laterSeconds: 15, laterAfterMs: MINUTE * 1_000 }

/** Longer than Lambda lets the function run, so that nothing of a call is under way any more when its time is up. */
export const STEP_TIMEOUT_SECONDS = 5 * MINUTE
export const CALL_TIMEOUT_SECONDS = STEP_TIMEOUT_SECONDS + 30

/** What a preflight said is acted on for so long; then it is made again. */
export const PREFLIGHT_FRESH_MS = 5 * MINUTE * 1_000
/** Preflights, and with them questions to a person, in one execution. */
export const PREFLIGHTS = 10
/** Nothing is changed by an execution that was started longer ago. The rest of its day is for what it began. */
export const STARTED_WITHIN_MS = 12 * 60 * MINUTE * 1_000
/** An operator who is asked has as long as that; the pair stays as it is meanwhile. */
export const HOLD_SECONDS = 12 * 60 * MINUTE
/** How often it is tried to ask one, a minute apart: then nobody will. */
export const HOLD_ATTEMPTS = 60
export const EXECUTION_SECONDS = 2 * 24 * 60 * MINUTE
