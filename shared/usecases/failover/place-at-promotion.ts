import type { Deadline } from '../ports.ts'
import type { DataDeps } from './data-deps.ts'
import type { PerformStep, StepContext, StepResult } from './failover-ports.ts'
import {
  type ChosenPositions,
  chosenPlaces,
  type GroupPlaces,
  type PlaceDeps,
  placeGroups,
  positionsIn,
} from './place-groups.ts'
import { replicasByTopic } from './seen-cluster.ts'

export type PlacingDeps = PlaceDeps & Pick<DataDeps, 'forward'>

/**
 * Groups that shall not resume where they were are placed right before the promotion. Until the link was stopped its passes
 * over the groups would have moved them on, and a failover that is rolled back has moved nobody.
 */
export const placingGroups =
  <Deps>(promote: PerformStep<Deps>): PerformStep<Deps & PlacingDeps> =>
  async (context, deadline, deps) => {
    const { positions } = context.execution.input
    if (positions.kind === 'mapped' || !context.effects) return await promote(context, deadline, deps)
    const found = await place(positions, context, deadline, deps)
    const result = await promote(context, deadline, deps)
    if (found === undefined) return { ...result, facts: { ...context.before.get('promote')?.data, ...result.facts } }
    return { ...result, message: `${result.message}; ${found.message}`, facts: { ...result.facts, ...found.facts } }
  }

/** Absent: the promotion was written already, or is not ours to write, so that groups may be where their consumers are. */
const place = async (
  choice: ChosenPositions,
  context: StepContext,
  deadline: Deadline,
  deps: PlacingDeps,
): Promise<Pick<StepResult, 'message' | 'facts'> | undefined> => {
  if (!(await mayPlace(context, deadline, deps))) return undefined
  const places = await placesChosen(choice, context, deadline, deps)
  if (!(await mayPlace(context, deadline, deps))) return undefined // while the clusters were asked
  const { live, failed, placed } = await placeGroups(places, deadline, deps.to.groups)
  const [failure] = failed.values()
  if (failure !== undefined) throw failure
  const message = `${positionsIn(placed)} positions of ${placed.size} groups are placed: ${placeName(choice)}`
  return { message, facts: { groups: placed.size, positions: positionsIn(placed), live, placed: keptPlaces(placed) } }
}

const mayPlace = async ({ execution }: StepContext, deadline: Deadline, { forward }: PlacingDeps): Promise<boolean> => {
  const { status, lock } = await forward.pair.read(deadline)
  const { by, phase } = lock.holder ?? {}
  return status.role !== 'active' && status.mode === 'stopped' && by === execution.arn && phase === 'acting'
}

export const placesChosen = async (
  choice: ChosenPositions,
  { execution }: StepContext,
  deadline: Deadline,
  deps: PlacingDeps,
): Promise<GroupPlaces> => {
  const { order, forward } = deps
  const replicas = await replicasByTopic(order.forward.order.link, forward.topics, deadline)
  return await chosenPlaces(choice, replicas, execution.input.mode === 'unplanned', deadline, deps)
}

export const placeName = (choice: ChosenPositions): string =>
  choice.kind === 'timestamp' ? `at ${new Date(choice.at).toISOString()}` : choice.kind

const MOST_KEPT = 500

/** As many as whoever verifies later looks at. */
export const keptPlaces = (places: GroupPlaces) =>
  [...places]
    .flatMap(([group, ofGroup]) =>
      [...ofGroup].flatMap(([topic, partitions]) =>
        [...partitions].map(([partition, { offset }]) => ({ group, topic, partition, offset: `${offset}` })),
      ),
    )
    .slice(0, MOST_KEPT)
