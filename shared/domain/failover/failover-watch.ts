import type { LinkStatus } from '../head.ts'
import type { StepRecord } from './failover-step.ts'
import type { Question } from './question.ts'

/** What is known of the drills of one direction. Milliseconds since 1970, both. */
export interface DrillRecord {
  /** When a pass looked for one for the first time. */
  readonly since: number
  /** When the last one went well; absent: none did yet. */
  readonly last?: number
}

/** What a look at the failovers of one direction found; `drillAgeDays` is absent where no drill could be made. */
export interface FailoverFigures {
  readonly approvalPending: boolean
  readonly held: boolean
  readonly drillAgeDays?: number
}

/** What the function of the fence answers whoever asks how failovers stand. */
export interface FailoverStanding extends FailoverFigures {
  /** The old active cluster waits to be fenced at its first contact. */
  readonly fencePending: boolean
}

/** A drill that fails is made again by hand within that time, before anybody is told that there was none. */
const DRILL_GRACE_DAYS = 7

/** From so many days on the last good drill is too old. */
export const drillLimitDays = (drillEveryDays: number): number => drillEveryDays + DRILL_GRACE_DAYS

/** The execution that has the lock, while it runs. */
export interface RunningFailover {
  readonly steps: readonly StepRecord[]
  readonly questions: readonly (Question | undefined)[]
}

export interface FailoverFacts {
  /** Of the forward link. */
  readonly status: LinkStatus
  readonly running: RunningFailover | undefined
  readonly drills: DrillRecord
  readonly now: number
}

const DAY_MS = 86_400_000

export const failoverFigures = ({ status, running, drills, now }: FailoverFacts): FailoverFigures => {
  const open = (running?.questions ?? []).filter((question) => isOpen(question, running?.steps ?? [], now))
  const isAsked = (kind: Question['kind']): boolean => open.some((question) => question?.kind === kind)
  return {
    approvalPending: isAsked('approve'),
    held: isAsked('hold'),
    // nobody drills a failover to the cluster that is active
    ...(status.role === 'standby' && { drillAgeDays: (now - (drills.last ?? drills.since)) / DAY_MS }),
  }
}

/** Whatever the answer was, it is followed by a step, or written down by the one that asked. */
const isOpen = (question: Question | undefined, steps: readonly StepRecord[], now: number): boolean =>
  question !== undefined &&
  now < question.expiresAt &&
  !steps.some(
    ({ step, outcome, endedAt }) => (step !== question.kind || outcome === 'done') && endedAt > question.askedAt,
  )
