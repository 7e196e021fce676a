import { ReplicationError } from '../../domain/errors.ts'
import { planTopics, type TopicPlan } from '../../domain/topics/topic-plan.ts'
import type { Deadline } from '../ports.ts'
import { type ApplyDeps, applyTopics, type StepOutcome } from './apply-topics.ts'
import { type SurveyDeps, surveyTopics } from './survey-topics.ts'

export type SyncTopicsDeps = SurveyDeps & ApplyDeps

/** A plan that may be applied, and what could not be found out when it was made. */
export type SoundPlan = Extract<TopicPlan, { kind: 'planned' }> & { readonly troubles: readonly ReplicationError[] }

/** What a pass did; `outcomes` has every step of the plan. */
export interface TopicPass {
  readonly plan: SoundPlan
  readonly outcomes: readonly StepOutcome[]
}

/** What the next pass would do; changes nothing. Throws `SAME_CLUSTER` when the link is not what it seems. */
export const planLink = async (deadline: Deadline, deps: SurveyDeps): Promise<SoundPlan> => {
  const { facts, troubles } = await surveyTopics(deadline, deps)
  const plan = planTopics(facts)
  if (plan.kind === 'planned') return { ...plan, troubles }
  throw new ReplicationError('SAME_CLUSTER', `planning the topics of ${deps.link.name}: ${plan.detail}`)
}

/** One pass: the function that runs every minute and the operator's command are this. */
export const syncTopics = async (deadline: Deadline, deps: SyncTopicsDeps): Promise<TopicPass> => {
  const plan = await planLink(deadline, deps)
  return { plan, outcomes: await applyTopics(plan.steps, deadline, deps) }
}
