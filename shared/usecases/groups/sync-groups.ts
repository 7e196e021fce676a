import { type GroupPlan, planGroups } from '../../domain/groups/group-plan.ts'
import { isAtRest } from '../../domain/head.ts'
import type { Deadline } from '../ports.ts'
import { type AppliedMoves, applyMoves } from './apply-moves.ts'
import type { GroupLedger } from './group-ports.ts'
import type { LinkMemory } from './reverse-links.ts'
import { type GroupSurvey, type GroupSurveyDeps, surveyGroups } from './survey-groups.ts'

export interface SyncGroupsDeps extends GroupSurveyDeps {
  readonly memory: LinkMemory & { readonly groups: GroupLedger }
}

/** A plan, and what of what it was made from is told. */
export interface PlannedGroups {
  readonly survey: Pick<GroupSurvey, 'compared' | 'skips' | 'failed' | 'leftOut' | 'troubles'>
  readonly plan: GroupPlan
}

/** What a pass did. */
export interface GroupPass extends PlannedGroups {
  readonly applied: AppliedMoves
}

/**
 * What the next pass would do; changes nothing. Along a link that a failover has stopped nobody is looked at: on its target
 * groups stand where the failover or they themselves have put them. Throws `SAME_CLUSTER` when the link is not what it seems.
 */
export const planGroupMoves = async (deadline: Deadline, deps: GroupSurveyDeps): Promise<PlannedGroups> => {
  if (await isStopped(deadline, deps)) return NOTHING_MOVES
  const survey = await surveyGroups(deadline, deps)
  return { survey, plan: planGroups(survey.facts) }
}

/** One pass: the function that runs every minute and the operator's command are this. */
export const syncGroups = async (deadline: Deadline, deps: SyncGroupsDeps): Promise<GroupPass> => {
  const planned = await planGroupMoves(deadline, deps)
  const { target, memory } = deps
  const overtaken = planned.plan.steps.length > 0 && (await isStopped(deadline, deps)) // while the clusters were asked
  const { survey, plan } = overtaken ? NOTHING_MOVES : planned
  return { survey, plan, applied: await applyMoves(plan.steps, deadline, { target, ledger: memory.groups }) }
}

const isStopped = async (deadline: Deadline, { memory }: Pick<GroupSurveyDeps, 'memory'>): Promise<boolean> =>
  isAtRest((await memory.map.read([], deadline)).status)

const NOTHING_MOVES: PlannedGroups = {
  survey: { compared: 0, skips: [], failed: new Map(), leftOut: [], troubles: [] },
  plan: { steps: [], skips: [], live: [] },
}
