import type { Logger } from '@aws-lambda-powertools/logger'
import type { StepAnswer } from '../../domain/failover/failover-step.ts'
import type { Question } from '../../domain/failover/question.ts'
import type { StepCall } from '../../domain/failover/step-call.ts'

/** Tells people what the steps of failovers answer, and that somebody is asked; never with what answers the state machine. */
export const createFailoverTeller = ({ logger }: { readonly logger: Logger }) => ({
  told: ({ step, attempt, execution }: StepCall, { outcome, message }: StepAnswer): void => {
    const line = { step, attempt, execution: execution.name, outcome, message }
    if (outcome === 'refused') logger.error('failover step', line)
    else logger.info('failover step', line)
  },
  asked: ({ kind, hash, because, askedAt, expiresAt }: Question, execution: string): void =>
    logger.warn('failover asks', { kind, execution, hash, because, askedAt, expiresAt }),
})
