import { placedAsKept, placedDoubts } from '../../domain/failover/placed-positions.ts'
import type { GroupPassFacts } from '../../domain/failover/preflight-facts.ts'
import type { Deadline } from '../ports.ts'
import { checkPositions } from './check-positions.ts'
import type { ChosenPositions } from './chosen-places.ts'
import type { DataDeps } from './data-deps.ts'
import type { PerformStep, StepContext, StepResult } from './failover-ports.ts'
import { isFollowed } from './follow-readers.ts'
import { placeName, placesChosen, placingFacts } from './place-at-promotion.ts'
import { publishedStand } from './published-positions.ts'
import { resettleGroups } from './resettle-groups.ts'
import { isFoundGone, isSilence } from './silent-source.ts'

/**
 * Puts every consumer group where it shall resume on the target, once nobody writes to the source and all of it has come.
 * A drill reads what groups would read there, and commits nothing.
 */
export const groups: PerformStep<DataDeps> = async (context, deadline, deps) => {
  const { positions } = context.execution.input
  if (positions.kind !== 'mapped') return await chosen(positions, context, deadline, deps)
  if (!context.effects) return await checked(deadline, deps)
  if (context.execution.input.mode !== 'unplanned') return await settled(context, deadline, deps)
  if (isFoundGone(context)) return await resettled(deadline, deps)
  const result = await settled(context, deadline, deps).catch(gone)
  const isLate = (context.before.get('groups')?.calls ?? 0) >= MOST_CALLS
  return result === undefined || (result.outcome !== 'done' && isLate) ? await resettled(deadline, deps) : result
}

/** An unplanned failover waits for a source that answers in part, and not for long. */
const MOST_CALLS = 2

const gone = (error: unknown): undefined => {
  if (isSilence(error)) return undefined
  throw error
}

/**
 * The second pass sees what the first one moved; further ones are for what happened in between. Groups that are behind and
 * read on are never found in step: where they are moved once more with their clients, they hold nobody up.
 */
const [FEWEST_PASSES, MOST_PASSES] = [2, 4]

/** `moved`: by all passes so far, those of earlier calls among them. */
const settled = async ({ before, execution }: StepContext, deadline: Deadline, deps: DataDeps): Promise<StepResult> => {
  const followed = isFollowed(execution.input)
  let moved = movedBefore(before.get('groups')?.data['moved'])
  for (let passes = 1; passes <= MOST_PASSES; passes++) {
    const pass = await deps.functions.groups('apply', deadline)
    if (pass === undefined)
      return { outcome: 'done', message: 'the link does not keep groups in step: they resume by themselves' }
    moved += pass.positions
    const awaited = whatIsAwaited(pass)
    const done = awaited === undefined && (pass.positions === 0 || (passes === MOST_PASSES && followed))
    if (done && passes >= FEWEST_PASSES) return await inStep(pass, { passes, moved }, deadline, deps)
    const message = awaited ?? `${pass.positions} positions were still moved`
    if (passes === MOST_PASSES) return { outcome: 'again', message, facts: { moved } }
  }
  throw new RangeError('passes end with one of them')
}

const movedBefore = (moved: unknown): number => (typeof moved === 'number' ? moved : 0)

/** Absent: a pass has found every group where it shall be, or has put it there. */
const whatIsAwaited = ({ faulted, troubles, unsettled, skipped }: GroupPassFacts): string | undefined => {
  if (faulted.length > 0) return `these groups cannot be moved: ${faulted.slice(0, MOST_NAMED).join(', ')}`
  if (troubles.length > 0) return `not every group was found: ${troubles[0]}`
  if (unsettled > 0) return `${unsettled} positions were moved by somebody else at the same time`
  const unstable = skipped.filter(({ because }) => because === 'unstable').length
  return unstable === 0 ? undefined : `${unstable} positions are in transactions that are open`
}

const MOST_NAMED = 5
const MOST_KEPT = 500

/** What stands below what the link put there by now is somebody's own wish, and no news to whoever verifies later. */
const inStep = async (
  { compared, live, skipped, positions: positionsMoved }: GroupPassFacts,
  { passes, moved }: { readonly passes: number; readonly moved: number },
  deadline: Deadline,
  { forward, to }: DataDeps,
): Promise<StepResult> => {
  const { positions, behind } = await publishedStand(deadline, { ledger: forward.groups, target: to.groups })
  const stay = [...Map.groupBy(skipped, ({ because }) => because)].map(([because, alike]) => ({
    because,
    positions: alike.reduce((total, { partitions }) => total + partitions.length, 0),
  }))
  const facts = { passes, moved, compared, live, positions, stay, behind: behind.slice(0, MOST_KEPT) }
  const readOn =
    positionsMoved === 0 ? '' : `; ${positionsMoved} of groups that read on are moved again with their clients`
  const message = `${compared} groups are where they were on the source, ${moved} positions moved${readOn}`
  return { outcome: 'done', message, facts }
}

/** Where a group was when the source was last heard of, by all that has come since. */
const resettled = async (deadline: Deadline, { order, forward, to, survey, clock }: DataDeps): Promise<StepResult> => {
  const { link } = order.forward.order
  if (link.provenance)
    return { outcome: 'done', message: 'groups stay where they were last known to be', facts: { moved: 0 } }
  const { map } = survey.memory
  const deps = { link, ledger: forward.groups, map, target: to.groups, clock }
  const { outcomes, failed } = await resettleGroups(deadline, deps)
  const troubles = [...failed.values(), ...outcomes.flatMap((one) => (one.kind === 'failed' ? [one.error] : []))]
  const [trouble] = troubles
  if (trouble !== undefined) throw trouble
  const moved = outcomes.filter(({ kind }) => kind === 'moved').length
  const { positions, behind } = await publishedStand(deadline, { ledger: forward.groups, target: to.groups })
  const message = `groups resume where they were last known to be; ${moved} of ${positions} positions went on by what came since`
  return { outcome: 'done', message, facts: { moved, positions, behind: behind.slice(0, MOST_KEPT) } }
}

/** They are placed right before the promotion, when nothing moves groups along the link any more. */
const chosen = async (
  choice: ChosenPositions,
  context: StepContext,
  deadline: Deadline,
  deps: DataDeps,
): Promise<StepResult> => {
  const found = await placesChosen(choice, context, deadline, deps)
  const facts = placingFacts(found)
  const what = `${facts.positions} positions of ${facts.groups} groups: ${placeName(choice)}${placedDoubts(facts)}`
  const message = context.effects ? `the promotion places ${what}` : `would place ${what}`
  return { outcome: 'done', message, facts: { ...placedAsKept(facts) } }
}

/** A drill that finds records to be read again, or skipped, has found a fault. */
const checked = async (deadline: Deadline, { survey, from, to }: DataDeps): Promise<StepResult> => {
  const found = await checkPositions(deadline, { survey, source: from.log, target: to.log })
  const { checked: count, positions, readAgain, skipped, ahead, unplaced, untold, troubles } = found
  const facts = { ...found }
  if (readAgain > 0 || skipped > 0) {
    const message = `${readAgain} records would be read again and ${skipped} skipped, at ${count} of ${positions} positions`
    return { outcome: 'refused', message, facts }
  }
  if (untold > 0) return { outcome: 'refused', message: `${untold} positions cannot be judged: ${troubles[0]}`, facts }
  const message = `would move groups: ${count} of ${positions} positions read on both clusters, ${ahead} of them ahead of what has come; ${unplaced} lead nowhere`
  return { outcome: 'done', message, facts }
}
