import { ReplicationError } from '../../domain/errors.ts'
import type { FailoverInput } from '../../domain/failover/failover-input.ts'
import { planGroups } from '../../domain/groups/group-plan.ts'
import { applyMoves } from '../groups/apply-moves.ts'
import { surveyGroups } from '../groups/survey-groups.ts'
import type { Deadline } from '../ports.ts'
import type { DataDeps } from './data-deps.ts'
import type { PerformStep, StepContext } from './failover-ports.ts'

export type FollowDeps = Pick<DataDeps, 'survey' | 'to' | 'forward' | 'within'>

/** Clients wait for the switch. */
const FOLLOW_WITHIN_MS = 15_000

/**
 * Groups that were behind went on reading on the source while the link was stopped: they are moved once more right before
 * clients are, or they would read all of that again. What cannot be moved then keeps nobody from being switched.
 */
export const followingReaders =
  <Deps>(point: PerformStep<Deps>): PerformStep<Deps & FollowDeps> =>
  async (context, deadline, deps) => {
    const followed = wereMoved(context) ? await follow(deadline, deps) : undefined
    const result = await point(context, deadline, deps)
    if (followed === undefined) return result
    return {
      ...result,
      message: `${result.message}; ${followed.message}`,
      facts: { ...result.facts, ...followed.facts },
    }
  }

/** Whether groups are moved once more when clients are: not from a source that may be gone. */
export const isFollowed = ({ mode }: Pick<FailoverInput, 'mode'>): boolean => mode !== 'unplanned'

/** By the map, with a source that answered. */
const wereMoved = ({ effects, execution, before }: StepContext): boolean =>
  effects && isFollowed(execution.input) && before.get('groups')?.data['passes'] !== undefined

const follow = async (deadline: Deadline, { survey, to, forward, within }: FollowDeps) => {
  const soon = within(FOLLOW_WITHIN_MS, deadline)
  try {
    const { facts } = await surveyGroups(soon, survey)
    const { outcomes } = await applyMoves(planGroups(facts).steps, soon, { target: to.groups, ledger: forward.groups })
    const followed = outcomes.filter(({ kind }) => kind === 'moved').length
    const left = outcomes.length - followed
    const message = `${followed} positions of groups that read on were moved${left === 0 ? '' : `, ${left} were not`}`
    return { message, facts: { followed } }
  } catch (error) {
    if (!(error instanceof ReplicationError)) throw error
    return { message: `groups that read on could not be moved: ${error.message}`, facts: { followed: 0 } }
  } finally {
    soon.end()
  }
}
