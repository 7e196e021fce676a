import {
  type DrillRecord,
  type FailoverFigures,
  type FailoverStanding,
  failoverFigures,
  type RunningFailover,
} from '../../domain/failover/failover-watch.ts'
import type { Clock, Deadline } from '../ports.ts'
import type { Executions, PairState, PendingLedger, QuestionLedger, StepLedger } from './failover-ports.ts'

/** Throws errors whose codes begin with `STATE_`. */
export interface DrillLedger {
  /** `now`: since when it is known that there was none, where nothing is stored yet. */
  drills(now: number, deadline: Deadline): Promise<DrillRecord>
}

export interface WatchDeps {
  readonly pair: Pick<PairState, 'read'>
  readonly ledger: Pick<StepLedger, 'steps'>
  readonly questions: Pick<QuestionLedger, 'question'>
  readonly executions: Executions
  readonly drills: DrillLedger
  readonly clock: Clock
}

/** Whether a failover in this direction waits for somebody, and how long ago one was practised. */
export const watchFailover = async (deadline: Deadline, deps: WatchDeps): Promise<FailoverFigures> => {
  const now = deps.clock.now()
  const { status, lock } = await deps.pair.read(deadline)
  const by = lock.holder?.by
  const running = by === undefined ? undefined : await runningFailover(by, deadline, deps)
  return failoverFigures({ status, running, drills: await deps.drills.drills(now, deadline), now })
}

/** The same for whoever asks, and whether the old active cluster is not fenced yet. */
export const failoverStanding = async (
  deadline: Deadline,
  watch: WatchDeps,
  ledger: Pick<PendingLedger, 'pending'>,
): Promise<FailoverStanding> => {
  const [figures, pending] = await Promise.all([watchFailover(deadline, watch), ledger.pending(deadline)])
  return { ...figures, fencePending: pending?.owed.includes('fence') ?? false }
}

/** An execution of the other direction keeps its questions in another table, and its own function looks there. */
const runningFailover = async (
  arn: string,
  deadline: Deadline,
  { ledger, questions, executions }: WatchDeps,
): Promise<RunningFailover | undefined> => {
  if (!(await executions.isRunning(arn, deadline))) return undefined
  const name = arn.split(':').at(-1) ?? ''
  const steps = [...(await ledger.steps(name, deadline)).values()]
  const asked = (['approve', 'hold'] as const).map((kind) => questions.question(name, kind, deadline))
  return { steps, questions: await Promise.all(asked) }
}
