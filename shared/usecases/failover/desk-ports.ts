import type { FailoverInput } from '../../domain/failover/failover-input.ts'
import type { FailoverReport } from '../../domain/failover/report.ts'
import type { Approved, FailoverEnding, HoldAnswer } from '../../domain/failover/step-call.ts'
import type { LinkStatus } from '../../domain/head.ts'
import type { Deadline } from '../ports.ts'
import type { QuestionLedger, StepLedger } from './failover-ports.ts'

/** What somebody asks for; what is left out is as the topology says. */
export type FailoverWish = Pick<FailoverInput, 'mode' | 'reason' | 'who'> & Partial<FailoverInput>

/** How an execution stands. `broken`: it ended in a way that its machine did not foresee, or somebody stopped it. */
export type ExecutionLook =
  | { readonly kind: 'running' }
  | { readonly kind: 'ended'; readonly outcome: FailoverEnding; readonly report?: string }
  | { readonly kind: 'broken'; readonly status: string; readonly cause: string }

export interface NewestExecution {
  readonly name: string
  readonly running: boolean
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

/** The state machine of one direction, for whoever starts it and answers it. Throws `MACHINE_UNREACHABLE` or `CONFIG_INVALID`. */
export interface MachineDesk {
  /** Starting the same name with the same wish again is the same execution. */
  start(name: string, wish: FailoverWish, deadline: Deadline): Promise<void>
  /** One that runs, or else the last one that did. */
  newest(deadline: Deadline): Promise<NewestExecution | undefined>
  /** `undefined`: it never ran there. */
  look(name: string, deadline: Deadline): Promise<ExecutionLook | undefined>
  /** `late`: somebody else has answered, or nobody waits any more. */
  answer(token: string, answer: Approved | HoldAnswer, deadline: Deadline): Promise<'answered' | 'late'>
  /** Of a question whether something may be done: it may not. */
  refuse(
    token: string,
    refusal: { readonly by: string; readonly because: string },
    deadline: Deadline,
  ): Promise<'answered' | 'late'>
}

/** All that an operator needs of one direction of a pair. */
export interface FailoverDesk {
  readonly machine: MachineDesk
  readonly ledger: Pick<StepLedger, 'steps'>
  readonly questions: Pick<QuestionLedger, 'question'>
  /** Of the direction's link. */
  status(deadline: Deadline): Promise<LinkStatus>
  /** By the place that the execution ended with. Throws `REPORT_UNREACHABLE`. */
  report(place: string, deadline: Deadline): Promise<FailoverReport>
  close(): void
}
