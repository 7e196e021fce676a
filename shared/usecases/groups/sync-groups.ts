import { type GroupPlan, planGroups } from '../../domain/groups/group-plan.ts'
import type { Deadline } from '../ports.ts'
import { type AppliedMoves, applyMoves } from './apply-moves.ts'
import type { GroupLedger } from './group-ports.ts'
import type { LinkMemory } from './reverse-links.ts'
import { type GroupSurvey, type GroupSurveyDeps, surveyGroups } from './survey-groups.ts'

export interface SyncGroupsDeps extends GroupSurveyDeps {
  readonly memory: LinkMemory & { readonly groups: GroupLedger }
}

/** A plan, and what it was made from. */
export interface PlannedGroups {
  readonly survey: GroupSurvey
  readonly plan: GroupPlan
}

/** What a pass did. */
export interface GroupPass extends PlannedGroups {
  readonly applied: AppliedMoves
}

/** What the next pass would do; changes nothing. Throws `SAME_CLUSTER` when the link is not what it seems. */
export const planGroupMoves = async (deadline: Deadline, deps: GroupSurveyDeps): Promise<PlannedGroups> => {
  const survey = await surveyGroups(deadline, deps)
  return { survey, plan: planGroups(survey.facts) }
}

/** One pass: the function that runs every minute and the operator's command are this. */
export const syncGroups = async (deadline: Deadline, deps: SyncGroupsDeps): Promise<GroupPass> => {
  const planned = await planGroupMoves(deadline, deps)
  const { target, memory } = deps
  return { ...planned, applied: await applyMoves(planned.plan.steps, deadline, { target, ledger: memory.groups }) }
}
