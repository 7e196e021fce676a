import { ReplicationError } from '../../domain/errors.ts'
import type { Question } from '../../domain/failover/question.ts'
import type { Clock } from '../ports.ts'
import type { PerformStep, QuestionLedger } from './failover-ports.ts'

export interface AskDeps {
  readonly questions: QuestionLedger
  readonly clock: Clock
  /** Tells whoever is on call. */
  readonly asked: (question: Question, execution: string) => void
}

/**
 * Writes down what is asked, and tells people. Never done: whenever the state machine calls, it waits for another token, and
 * the last one is the only one that goes on.
 */
export const askOperator =
  (kind: Question['kind']): PerformStep<AskDeps> =>
  async ({ execution, call }, deadline, { questions, clock, asked }) => {
    const { token, hash, waitsMs, stoppedAt } = call
    if (token === undefined || waitsMs === undefined)
      throw new ReplicationError('EVENT_MALFORMED', `asking an operator to ${kind}: there is no token to answer with`)
    const askedAt = clock.now()
    const because = stoppedAt ? `${stoppedAt.step}: ${stoppedAt.message}` : undefined
    const question: Question = {
      kind,
      token,
      ...(hash !== undefined && { hash }),
      ...(because !== undefined && { because }),
      askedAt,
      expiresAt: askedAt + waitsMs,
    }
    await questions.ask(execution.name, question, deadline)
    asked(question, execution.name)
    return { outcome: 'again', message: `an operator is asked to ${kind}`, data: { asked: true } }
  }
