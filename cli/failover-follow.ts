import { ReplicationError } from '../shared/domain/errors.ts'
import { type AnyStep, recordName, type StepRecord } from '../shared/domain/failover/failover-step.ts'
import type { PreflightReport } from '../shared/domain/failover/preflight-report.ts'
import type { Question } from '../shared/domain/failover/question.ts'
import { isPreflight, recordOf } from '../shared/domain/failover/report-facts.ts'
import type { ExecutionLook, FailoverDesk } from '../shared/usecases/failover/desk-ports.ts'
import type { Clock, Deadline } from '../shared/usecases/ports.ts'
import type { StepList } from './step-list.ts'

/** How it ended; `left`: somebody looks no longer, and it goes on. */
export type Followed = Exclude<ExecutionLook, { readonly kind: 'running' }> | { readonly kind: 'left' }

export interface FollowDeps {
  readonly desk: FailoverDesk
  readonly list: StepList
  readonly clock: Clock
  /** Asked for each question once; answers it, or leaves it to somebody else. */
  readonly decide: (question: Question, records: readonly StepRecord[]) => Promise<void>
  readonly note: (text: string) => void
  /** Resolves after a while. */
  readonly pause: () => Promise<void>
  readonly deadline: () => Deadline & { end(): void }
  /** Somebody looks no longer. */
  readonly left: AbortSignal
}

/** So many looks in a row without an answer: nobody can be told how it goes any more. */
const MOST_SILENT = 30

/** Shows an execution until it ends, and brings its questions to whoever can answer them. Only looks. */
export const followExecution = async (execution: string, deps: FollowDeps): Promise<Followed> => {
  const asked = new Set<string>()
  for (let silent = 0; !deps.left.aborted; ) {
    try {
      const { look, records, question } = await lookAt(execution, deps)
      silent = 0
      deps.list.show(records, deps.clock.now())
      if (look.kind !== 'running') return look
      if (question !== undefined && !asked.has(question.token)) {
        asked.add(question.token)
        deps.list.leave()
        await deps.decide(question, records)
      }
    } catch (error) {
      if (!(error instanceof ReplicationError) || !error.transient || ++silent >= MOST_SILENT) throw error
      deps.note(error.message)
    }
    await deps.pause()
  }
  return { kind: 'left' }
}

interface Seen {
  readonly look: ExecutionLook
  readonly records: readonly StepRecord[]
  /** That waits for an answer. */
  readonly question: Question | undefined
}

/** First whether it has ended, so that its last step is among the records. */
const lookAt = async (execution: string, { desk, deadline, clock }: FollowDeps): Promise<Seen> => {
  const within = deadline()
  try {
    const look = await desk.machine.look(execution, within)
    if (look === undefined)
      throw new ReplicationError('CONFIG_INVALID', `following ${execution}: the state machine has no such execution`)
    const records = [...(await desk.ledger.steps(execution, within)).values()]
    const kind = look.kind === 'running' ? openQuestion(records) : undefined
    const question = kind && (await desk.questions.question(execution, kind, within))
    return { look, records, question: question && question.expiresAt > clock.now() ? question : undefined }
  } finally {
    within.end()
  }
}

const KINDS: Partial<Record<AnyStep, Question['kind']>> = { approve: 'approve', hold: 'hold' }

/** Whether the last thing that happened is a question. */
const openQuestion = (records: readonly StepRecord[]): Question['kind'] | undefined => {
  const last = records.toSorted((one, other) => one.endedAt - other.endedAt || nameOrder(one, other)).at(-1)
  return last?.outcome === 'done' ? undefined : last && KINDS[last.step]
}

const nameOrder = (one: StepRecord, other: StepRecord): number => recordName(one).localeCompare(recordName(other))

/** The preflight that is to be approved. */
export const preflightIn = (
  records: readonly StepRecord[],
): { readonly hash: string; readonly report: PreflightReport } | undefined => {
  const { hash, report } = recordOf(records, 'preflight')?.data ?? {}
  return typeof hash === 'string' && isPreflight(report) ? { hash, report } : undefined
}
