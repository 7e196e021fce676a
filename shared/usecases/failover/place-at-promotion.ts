import { allAsOne } from '../../domain/errors.ts'
import { recordName } from '../../domain/failover/failover-step.ts'
import {
  type PlacedFacts,
  placedAgain,
  placedAsKept,
  placedDoubts,
  placedIn,
} from '../../domain/failover/placed-positions.ts'
import type { Deadline } from '../ports.ts'
import {
  type ChosenPlaces,
  type ChosenPositions,
  chosenPlaces,
  type GroupPlaces,
  type PlaceDeps,
  type SourceWord,
} from './chosen-places.ts'
import type { DataDeps } from './data-deps.ts'
import type { PerformStep, StepContext, StepLedger } from './failover-ports.ts'
import { placeGroups, positionsIn } from './place-groups.ts'
import { replicasByTopic } from './seen-cluster.ts'
import { isFoundGone } from './silent-source.ts'

export type PlacingDeps = PlaceDeps & Pick<DataDeps, 'forward' | 'clock'> & { readonly ledger: StepLedger }

/**
 * Groups that shall not resume where they were are placed right before the promotion: until the link was stopped its passes
 * over the groups would have moved them on, and a failover that is rolled back before this has moved nobody. One that is rolled
 * back after it leaves them where they were placed, and says so. Where that is stands in the ledger before anything is promoted:
 * afterwards they read on, and nobody could find it out any more.
 */
export const placingGroups =
  <Deps>(promote: PerformStep<Deps>): PerformStep<Deps & PlacingDeps> =>
  async (context, deadline, deps) => {
    const { positions } = context.execution.input
    if (positions.kind === 'mapped' || !context.effects) return await promote(context, deadline, deps)
    const now = await place(positions, context, deadline, deps)
    const result = await promote(context, deadline, deps)
    const facts = now ?? (await placedBefore(context, deadline, deps))
    if (facts === undefined && result.outcome === 'refused') return result
    const told = facts === undefined ? NOT_KNOWN : placedText(facts, positions)
    return { ...result, message: `${result.message}; ${told}`, facts: { ...facts, ...result.facts } }
  }

const NOT_KNOWN =
  'which groups were placed is not known: look where they stand before their consumers are trusted to read what they shall'

/**
 * Absent: the promotion was written already, or is not ours to write, so that groups may be where their consumers are. Throws
 * all that failed, once it is written down what did not.
 */
const place = async (
  choice: ChosenPositions,
  context: StepContext,
  deadline: Deadline,
  deps: PlacingDeps,
): Promise<PlacedFacts | undefined> => {
  if (!(await mayPlace(context, deadline, deps))) return undefined
  const chosen = await placesChosen(choice, context, deadline, deps)
  if (!(await mayPlace(context, deadline, deps))) return undefined // while the clusters were asked
  const { live, failed, placed } = await placeGroups(chosen.places, deadline, deps.to.groups)
  const now = placingFacts({ ...chosen, places: placed }, live)
  const facts = placedAsKept(placedAgain(await placedBefore(context, deadline, deps), now))
  await noteBefore(facts, placedText(facts, choice), context, deadline, deps)
  const failure = allAsOne([...failed.values()], `placing ${failed.size} groups: ${placeName(choice)}`)
  if (failure !== undefined) throw failure
  return facts
}

const mayPlace = async ({ execution }: StepContext, deadline: Deadline, { forward }: PlacingDeps): Promise<boolean> => {
  const { status, lock } = await forward.pair.read(deadline)
  const { by, phase } = lock.holder ?? {}
  return status.role !== 'active' && status.mode === 'stopped' && by === execution.arn && phase === 'acting'
}

/** As the ledger has it now, and not when this call began: another one may have placed them meanwhile. */
const placedBefore = async (
  { execution, call: { attempt } }: StepContext,
  deadline: Deadline,
  { ledger }: PlacingDeps,
): Promise<PlacedFacts | undefined> =>
  placedIn((await ledger.steps(execution.name, deadline)).get(recordName({ step: 'promote', attempt }))?.data)

const noteBefore = async (
  facts: PlacedFacts,
  message: string,
  { execution, call: { attempt }, before }: StepContext,
  deadline: Deadline,
  { ledger, clock }: PlacingDeps,
): Promise<void> => {
  const { startedAt = clock.now(), calls = 0 } = before.get('promote') ?? {}
  const record = {
    step: 'promote',
    attempt,
    outcome: 'again',
    message,
    startedAt,
    endedAt: clock.now(),
    calls,
  } as const
  await ledger.remember(execution.name, { ...record, data: { ...facts } }, deadline)
}

export const placesChosen = async (
  choice: ChosenPositions,
  context: StepContext,
  deadline: Deadline,
  deps: Omit<PlacingDeps, 'ledger'>,
): Promise<ChosenPlaces> => {
  const { order, forward } = deps
  const replicas = await replicasByTopic(order.forward.order.link, forward.topics, deadline)
  return await chosenPlaces(choice, replicas, wordOf(context), deadline, deps)
}

const wordOf = (context: StepContext): SourceWord => {
  if (context.execution.input.mode !== 'unplanned') return 'needed'
  return isFoundGone(context) ? 'gone' : 'hoped-for'
}

export const placeName = (choice: ChosenPositions): string =>
  choice.kind === 'timestamp' ? `at ${new Date(choice.at).toISOString()}` : choice.kind

const placedText = (facts: PlacedFacts, choice: ChosenPositions): string =>
  `${facts.positions} positions of ${facts.groups} groups are placed: ${placeName(choice)}${placedDoubts(facts)}`

export const placingFacts = ({ places, unheard }: ChosenPlaces, live: readonly string[] = []): PlacedFacts => ({
  ...{ groups: places.size, positions: positionsIn(places), liveGroups: live.length, live },
  ...(unheard !== undefined && { unheard }),
  placed: positionsOf(places),
})

const positionsOf = (places: GroupPlaces): PlacedFacts['placed'] =>
  [...places].flatMap(([group, ofGroup]) =>
    [...ofGroup].flatMap(([topic, partitions]) =>
      [...partitions].map(([partition, { offset }]) => ({ group, topic, partition, offset: `${offset}` })),
    ),
  )
