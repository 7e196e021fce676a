import type { ClosingStep, FailoverStep } from './failover-step.ts'

/**
 * How an execution ends: `rolled-back` changed nothing, `held` was ended by an operator after the point of no return. A drill
 * to the cluster that is active is `resting`: there is nothing to practise until it is the standby again.
 */
export const FAILOVER_ENDINGS = ['done', 'drilled', 'resting', 'rolled-back', 'held'] as const
export type FailoverEnding = (typeof FAILOVER_ENDINGS)[number]

/**
 * What the state machine calls the function of its steps with. `approve` and `hold` wait for their token, so that what they
 * answer is heard by nobody: when they cannot ask they have to fail.
 */
export interface StepCall {
  /** Never `gate`, which the machine decides by itself. */
  readonly step: Exclude<FailoverStep, 'gate'> | ClosingStep
  readonly execution: {
    readonly name: string
    /** Its ARN, by which anybody can ask whether it still runs. */
    readonly arn: string
    /** Milliseconds since 1970. */
    readonly startedAt: number
  }
  /** As somebody wrote it when starting the execution, unchecked. */
  readonly input: unknown
  /** From 1 on: a preflight that is made again is another one, and so is what is asked after it. Other steps have 1. */
  readonly attempt: number
  /** Of `approve` and `hold`: whoever has it goes on with the execution. */
  readonly token?: string
  /** Of `approve`: of the preflight report that is to be read. */
  readonly hash?: string
  /** Of `approve` and `hold`: for how long is waited. */
  readonly waitsMs?: number
  /** Of `approve`: what was answered, to be written down; without it somebody is asked. */
  readonly approved?: Approved
  /** Of `rollback`, `hold`, `report` and `release`: which step it was that did not go on, and why; null: none. */
  readonly stoppedAt?: { readonly step: FailoverStep | ClosingStep; readonly message: string } | null
  /** Of `report` and `release`. */
  readonly ending?: FailoverEnding
  /** Of `report`: what people answered, in their order. */
  readonly decisions?: readonly Decision[]
}

/** What somebody answered when they were asked. */
export interface Decision {
  readonly do: (typeof DECISIONS)[number]
  readonly by: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** Of an approval: of the preflight report that it is for. */
  readonly hash?: string
}

/** What an operator answers to `approve`, with the token: the report of this hash may be acted on. */
export interface Approved {
  readonly hash: string
  readonly by: string
}

/**
 * What an operator answers to `hold`. `rollback` is refused by everything but a promotion that did not happen, or whose
 * outcome nobody knows: then the state of the link decides.
 */
export const HOLD_ANSWERS = ['retry', 'rollback', 'end'] as const
export interface HoldAnswer {
  readonly do: (typeof HOLD_ANSWERS)[number]
  readonly by: string
}

export const DECISIONS = ['approve', ...HOLD_ANSWERS] as const
