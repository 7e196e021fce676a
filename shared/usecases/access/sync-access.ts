import { type AccessPlan, planAccess } from '../../domain/access/access-plan.ts'
import type { AccessStep } from '../../domain/access/access-step.ts'
import type { Deadline } from '../ports.ts'
import { type ApplyAccessDeps, applyAccess } from './apply-access.ts'
import type { AccessOutcome } from './change-rights.ts'
import { type AccessSurveyDeps, surveyAccess } from './survey-access.ts'

export type SyncAccessDeps = AccessSurveyDeps & ApplyAccessDeps

/** What a pass did; `outcomes` has every step of the plan. */
export interface AccessPass {
  readonly plan: AccessPlan
  readonly outcomes: ReadonlyMap<AccessStep, AccessOutcome>
}

/** What the next pass would do; changes nothing. */
export const planLinkAccess = async (deadline: Deadline, deps: AccessSurveyDeps): Promise<AccessPlan> =>
  planAccess(await surveyAccess(deadline, deps))

/** One pass: the function that runs on a schedule and the operator's command are this. */
export const syncAccess = async (deadline: Deadline, deps: SyncAccessDeps): Promise<AccessPass> => {
  const plan = await planLinkAccess(deadline, deps)
  return { plan, outcomes: await applyAccess(plan, deadline, deps) }
}
