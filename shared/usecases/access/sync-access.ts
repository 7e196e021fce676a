import { type AccessPlan, planAccess } from '../../domain/access/access-plan.ts'
import type { AccessStep } from '../../domain/access/access-step.ts'
import { waitsForPromotion } from '../../domain/access/held-right.ts'
import { ReplicationError } from '../../domain/errors.ts'
import type { Deadline, StartedDeadline } from '../ports.ts'
import { applyAccess } from './apply-access.ts'
import type { AccessOutcome } from './change-rights.ts'
import { grantHeld, type HeldDeps, keepHeld } from './grant-held.ts'
import { type AccessSurveyDeps, surveyAccess } from './survey-access.ts'

export type SyncAccessDeps = AccessSurveyDeps &
  HeldDeps & {
    readonly within: (ms: number, deadline: Deadline) => StartedDeadline
  }

/** What a pass did; `outcomes` has every step of the plan. */
export interface AccessPass {
  readonly plan: AccessPlan
  readonly outcomes: ReadonlyMap<AccessStep, AccessOutcome>
}

/** What the next pass would do; changes nothing. */
export const planLinkAccess = async (deadline: Deadline, deps: AccessSurveyDeps): Promise<AccessPlan> =>
  planAccess(await surveyAccess(deadline, deps))

/** The rest of a pass is for granting what was held back, should the source be gone. */
const SURVEY_MS = 30_000

/**
 * One pass: the function that runs on a schedule and the operator's command are this. The source is asked before anything is
 * granted, since it may have denied by now what was held back. An active target whose source is gone, or shows nothing at
 * all, gets what was held back, and the plan says so.
 */
export const syncAccess = async (deadline: Deadline, deps: SyncAccessDeps): Promise<AccessPass> => {
  const asked = await askBoth(deadline, deps)
  if (!(asked instanceof ReplicationError) && asked.doubts.length === 0) return await follow(asked, deadline, deps)
  const { isActive, outcomes } = await grantHeld(deadline, deps)
  if (asked instanceof ReplicationError && !(isActive && asked.transient)) throw asked
  const plan = asked instanceof ReplicationError ? nothingFollows(asked.message) : asked
  const applied = await applyAccess(plan, deadline, deps)
  return {
    plan: { ...plan, steps: [...outcomes.keys(), ...plan.steps] },
    outcomes: new Map([...outcomes, ...applied]),
  }
}

/** Whatever is wrong with the source keeps nothing back that it has granted before. */
const askBoth = async (deadline: Deadline, deps: SyncAccessDeps): Promise<AccessPlan | ReplicationError> => {
  const survey = deps.within(SURVEY_MS, deadline)
  try {
    return await planLinkAccess(survey, deps)
  } catch (error) {
    if (error instanceof ReplicationError) return error
    throw error
  } finally {
    survey.end()
  }
}

/** What a target refuses today stays held, should the source be gone tomorrow. */
const follow = async (plan: AccessPlan, deadline: Deadline, deps: SyncAccessDeps): Promise<AccessPass> => {
  const outcomes = await applyAccess(plan, deadline, deps)
  const refused = plan.steps.flatMap((step) =>
    step.kind === 'grant' && waitsForPromotion(step.binding) && outcomes.get(step)?.kind !== 'done' ? [step] : [],
  )
  await keepHeld([...plan.held, ...refused], deadline, deps)
  return { plan, outcomes }
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
