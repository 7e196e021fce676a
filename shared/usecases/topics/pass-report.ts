import type { ErrorCode } from '../../domain/errors.ts'
import type { PlanNote } from '../../domain/topics/plan-note.ts'
import { stepText } from '../../domain/topics/step-text.ts'
import type { LeftOutTopic } from '../../domain/topics/topic-plan.ts'
import type { StepOutcome } from './apply-topics.ts'
import type { SoundPlan, TopicPass } from './sync-topics.ts'

/** One step as the function tells it to whoever invoked it: plain JSON. */
export interface StepReport {
  readonly topic: string
  readonly kind: string
  readonly what: string
  readonly outcome: 'planned' | StepOutcome['kind']
  /** Why it failed. */
  readonly error?: string
}

/** What a pass did, or would do. */
export interface PassReport {
  readonly steps: readonly StepReport[]
  readonly notes: readonly PlanNote[]
  readonly leftOut: readonly LeftOutTopic[]
  /** What could not be found out about single topics. */
  readonly troubles: readonly string[]
  /** Topics that stand until somebody acts, or of which a step failed. */
  readonly faulted: readonly string[]
}

export const planReport = (plan: SoundPlan): PassReport => report(plan, [])

export const passReport = ({ plan, outcomes }: TopicPass): PassReport => report(plan, outcomes)

/**
 * A busy cluster lists a topic later than it makes it, so that a pass may make it once more: the next look tells. And
 * Lambda takes so few requests a second that a thousand mappings need more than one pass: the next one has its turn.
 */
const PASSES_BY_ITSELF: readonly ErrorCode[] = ['TOPIC_EXISTS', 'DEADLINE_PASSED']

const isFault = (outcome: StepOutcome): boolean =>
  outcome.kind === 'failed' && !PASSES_BY_ITSELF.includes(outcome.error.code)

const report = ({ steps, notes, leftOut, troubles }: SoundPlan, outcomes: readonly StepOutcome[]): PassReport => {
  const became = new Map(outcomes.map((outcome) => [outcome.step, outcome]))
  const faults = notes.filter(({ severity }) => severity === 'fault').map(({ about }) => about)
  const failures = outcomes.flatMap((outcome) => (isFault(outcome) ? [outcome.step.topic] : []))
  return {
    steps: steps.map((step) => {
      const outcome = became.get(step)
      return {
        topic: step.topic,
        kind: step.kind,
        what: stepText(step),
        outcome: outcome?.kind ?? 'planned',
        ...(outcome?.kind === 'failed' && { error: outcome.error.message }),
      }
    }),
    notes,
    leftOut,
    troubles: troubles.map(({ message }) => message),
    faulted: [...new Set([...faults, ...failures])].sort(),
  }
}
