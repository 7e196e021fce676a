import type { TopicBoundary } from '../../domain/failover/boundary.ts'
import type { FailoverInput } from '../../domain/failover/failover-input.ts'
import type { AnyStep, StepAnswer, StepRecord } from '../../domain/failover/failover-step.ts'
import type { GivenUp, GivenUpScope } from '../../domain/failover/given-up.ts'
import type { LockHolder, LockPhase, PairLock } from '../../domain/failover/pair-lock.ts'
import type { Debt, PendingDebts } from '../../domain/failover/pending-debts.ts'
import type { Question } from '../../domain/failover/question.ts'
import type { StepCall } from '../../domain/failover/step-call.ts'
import type { LinkStatus } from '../../domain/head.ts'
import type { Deadline } from '../ports.ts'

/** One execution of the state machine, as every step of it is told of it. */
export interface Execution extends Pick<StepCall['execution'], 'name' | 'arn' | 'startedAt'> {
  readonly input: FailoverInput
}

/** What is remembered of a call of a step; without `data` what is stored of it stays. */
export type RememberedStep = Omit<StepRecord, 'data'> & Partial<Pick<StepRecord, 'data'>>

/** What an execution did so far, in the table of the forward link. Throws errors whose codes begin with `STATE_`. */
export interface StepLedger {
  /** Of one execution, by `recordName`; strongly consistent. */
  steps(execution: string, deadline: Deadline): Promise<ReadonlyMap<string, StepRecord>>
  /** Writing what is there already changes nothing; a step that is `done` is never written over (`kept`). */
  remember(execution: string, record: RememberedStep, deadline: Deadline): Promise<'remembered' | 'kept'>
}

/** What one table of a pair says of roles: which cluster is the active one is told by the side with the higher epoch. */
export interface PairSnapshot {
  /** Of the table's link; its role is that of the link's target. */
  readonly status: LinkStatus
  readonly lock: PairLock
}

export interface LockClaim {
  readonly holder: LockHolder
  /** The epoch to promote with; lower ones than are reserved change nothing of that. */
  readonly epoch: number
  /** The lock as it was read: nobody takes it from who took it meanwhile. */
  readonly from: PairLock
}

/** `moved`: what is stored is not what was read. `not-held`: the execution has no lock, or not in this phase any more. */
export type RoleChange = 'changed' | 'moved' | 'not-held'

/**
 * Roles and lock of a pair in the table of one of its links; there is one lock in each region of the pair. Strongly
 * consistent. Throws errors whose codes begin with `STATE_`.
 */
export interface PairState {
  read(deadline: Deadline): Promise<PairSnapshot>
  /** Taking it again changes nothing. */
  acquire(claim: LockClaim, deadline: Deadline): Promise<'acquired' | 'moved'>
  /** From now on nothing but what puts back is changed in its name; `not-held` when it is not the execution's. */
  close(by: string, deadline: Deadline): Promise<'closing' | 'not-held'>
  /** Does nothing when it is not the execution's. `reserved`: what is reserved instead, when nobody was promoted. */
  release(by: string, deadline: Deadline, reserved?: number): Promise<void>
  /** One write, and only while the execution holds the lock in that phase: no step of a failover that is over gets through. */
  setStatus(
    held: { readonly by: string; readonly phase: LockPhase },
    from: LinkStatus,
    to: LinkStatus,
    deadline: Deadline,
  ): Promise<RoleChange>
  /** Without the lock: to a later epoch, as somebody else has set it on the other side. Anything else is `moved`. */
  standDown(from: LinkStatus, to: LinkStatus, deadline: Deadline): Promise<'changed' | 'moved'>
}

/** What waits for the first contact with the old active side, in the table of the forward link. */
export interface PendingLedger {
  pending(deadline: Deadline): Promise<PendingDebts | undefined>
  /**
   * Adds to what the execution owes; owing it already changes nothing. `by`: its ARN; `not-held`: it has no lock any more, or
   * is being undone. `other`: debts of another execution are not settled yet.
   */
  owe(by: string, debts: PendingDebts, deadline: Deadline): Promise<'owed' | 'other' | 'not-held'>
  /** What is not owed is settled. */
  settle(execution: string, debt: Debt, deadline: Deadline): Promise<void>
  /** Who decides it first is who is remembered (`given-up-before`), of each scope, for as long as the table is. */
  giveUp(execution: string, decision: GivenUp, deadline: Deadline): Promise<'given-up' | 'given-up-before'>
  /** `undefined`: nobody has given up just that. */
  givenUp(execution: string, what: GivenUpScope, deadline: Deadline): Promise<GivenUp | undefined>
}

/** Where both logs of every partition stood when nothing was forwarded any more. */
export interface BoundaryLedger {
  /**
   * What was recorded of a topic first stays. `closed`: nothing is recorded any more once the step `boundary` is done,
   * since ends of logs that applications write to are no boundary.
   */
  record(execution: string, topic: TopicBoundary, deadline: Deadline): Promise<'recorded' | 'kept' | 'closed'>
  topics(execution: string, deadline: Deadline): Promise<readonly TopicBoundary[]>
}

/** What executions ask operators, in the table of the forward link. */
export interface QuestionLedger {
  /** The latest of its kind is the one that counts. */
  ask(execution: string, question: Question, deadline: Deadline): Promise<void>
  /** `undefined`: it never asked that. */
  question(execution: string, kind: Question['kind'], deadline: Deadline): Promise<Question | undefined>
}

/** Executions of state machines, in whatever region. */
export interface Executions {
  /** Throws `MACHINE_UNREACHABLE` when its region does not tell. One that is not known is not running. */
  isRunning(arn: string, deadline: Deadline): Promise<boolean>
}

/** What keeps applications from writing to the clusters of a pair, as far as a failover opens it again. */
export interface WriteGate {
  /**
   * `to`: for the cluster that is active now, the fence of an earlier failover and the write grants that were held back.
   * `from`: for the cluster that stays active after all, the fence of this one.
   */
  open(cluster: 'from' | 'to', context: StepContext, deadline: Deadline): Promise<StepAnswer>
}

/** A step: what it does runs again when its answer was lost, or runs beside itself, and then changes nothing more. */
export type PerformStep<Deps> = (context: StepContext, deadline: Deadline, deps: Deps) => Promise<StepResult>

export interface StepContext {
  readonly execution: Execution
  /** False in a drill or a dry run: whatever changes anything but the ledger of the execution is left out, and told as `would`. */
  readonly effects: boolean
  /** As the state machine called it, but for what somebody wrote. */
  readonly call: Omit<StepCall, 'input' | 'execution'>
  /** What the steps remembered so far, itself among them when it was called before: the latest attempt of each. */
  readonly before: ReadonlyMap<AnyStep, StepRecord>
}

/** `facts`: what the ledger keeps as the record's data. */
export interface StepResult extends StepAnswer {
  readonly facts?: Readonly<Record<string, unknown>>
}
