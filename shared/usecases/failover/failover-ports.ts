import type { FailoverInput } from '../../domain/failover/failover-input.ts'
import type { ClosingStep, FailoverStep, StepAnswer, StepRecord } from '../../domain/failover/failover-step.ts'
import type { Deadline } from '../ports.ts'

/** One execution of the state machine, as every step of it is told of it. */
export interface Execution {
  readonly name: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly input: FailoverInput
}

/** What an execution did so far, in the table of the forward link. Throws errors whose codes begin with `STATE_`. */
export interface StepLedger {
  /** Of one execution, by step; strongly consistent. */
  steps(execution: string, deadline: Deadline): Promise<ReadonlyMap<string, StepRecord>>
  /** Writing what is there already changes nothing; a step that is `done` is never written over (`kept`). */
  remember(execution: string, record: StepRecord, deadline: Deadline): Promise<'remembered' | 'kept'>
}

/** Which execution may change the pair. One lock in each region of the pair; nobody takes it from a running execution. */
export interface FailoverLock {
  acquire(execution: string, now: number, deadline: Deadline): Promise<{ readonly heldBy: string } | 'acquired'>
  /** Does nothing when it is not the execution's. */
  release(execution: string, deadline: Deadline): Promise<void>
}

/** A step: what it does runs again when its answer was lost, or runs beside itself, and then changes nothing more. */
export type PerformStep<Deps> = (context: StepContext, deadline: Deadline, deps: Deps) => Promise<StepResult>

export interface StepContext {
  readonly execution: Execution
  /** False in a drill: whatever changes anything but the ledger of the execution is left out, and told as `would`. */
  readonly effects: boolean
  /** What the steps before it remembered. */
  readonly before: ReadonlyMap<string, StepRecord>
}

/** `facts`: what the ledger keeps as the record's data. */
export interface StepResult extends StepAnswer {
  readonly facts?: Readonly<Record<string, unknown>>
}

export type AnyStep = FailoverStep | ClosingStep
