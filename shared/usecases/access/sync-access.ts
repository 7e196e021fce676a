import { type AccessPlan, planAccess } from '../../domain/access/access-plan.ts'
import type { AccessStep } from '../../domain/access/access-step.ts'
import { ReplicationError } from '../../domain/errors.ts'
import type { Deadline } from '../ports.ts'
import { applyAccess } from './apply-access.ts'
import type { AccessOutcome } from './change-rights.ts'
import { grantHeld, type HeldDeps, keepHeld } from './grant-held.ts'
import { type AccessSurveyDeps, surveyAccess } from './survey-access.ts'

export type SyncAccessDeps = AccessSurveyDeps & HeldDeps

/** What a pass did; `outcomes` has every step of the plan. */
export interface AccessPass {
  readonly plan: AccessPlan
  readonly outcomes: ReadonlyMap<AccessStep, AccessOutcome>
}

/** What the next pass would do; changes nothing. */
export const planLinkAccess = async (deadline: Deadline, deps: AccessSurveyDeps): Promise<AccessPlan> =>
  planAccess(await surveyAccess(deadline, deps))

/**
 * One pass: the function that runs on a schedule and the operator's command are this. A target that is active gets what was
 * held back first; when then the source is gone, that is all there is to do, and the plan says so.
 */
export const syncAccess = async (deadline: Deadline, deps: SyncAccessDeps): Promise<AccessPass> => {
  const before = await grantHeld(deadline, deps)
  const plan = await planLinkAccess(deadline, deps).catch((error: unknown) => {
    if (before.isActive && error instanceof ReplicationError && error.transient) return nothingFollows(error.message)
    throw error
  })
  const outcomes = await applyAccess(plan, deadline, deps)
  if (plan.doubts.length === 0) await keepHeld(plan.held, deadline, deps)
  const granted = [...before.outcomes].filter(([, { kind }]) => kind === 'done' || plan.steps.length === 0)
  const steps = [...granted.map(([step]) => step), ...plan.steps]
  return { plan: { ...plan, steps }, outcomes: new Map([...granted, ...outcomes]) }
}

/** What was held back, and nothing that the source would have to tell: for whoever has no time for one that is gone. */
export const grantAccess = async (deadline: Deadline, deps: SyncAccessDeps): Promise<AccessPass> => {
  const { isActive, outcomes } = await grantHeld(deadline, deps)
  const plan = isActive ? nothingFollows('the source was not asked') : { ...NOTHING, role: 'standby' as const }
  return { plan: { ...plan, steps: [...outcomes.keys()] }, outcomes }
}

const NOTHING = { steps: [], held: [], alreadyThere: [], inStep: 0, leftOut: [], notCopyable: [], doubts: [] } as const

const nothingFollows = (because: string): AccessPlan => ({
  ...NOTHING,
  role: 'active',
  doubts: [`nothing follows now but what was held back: ${because}`],
})
