import { allAsOne, ReplicationError } from '../../domain/errors.ts'
import type { Positions } from '../../domain/failover/failover-input.ts'
import { groupSelection } from '../../domain/groups/group-selection.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { GroupAdmin, GroupOffsets, NewOffsets } from '../groups/group-ports.ts'
import type { LogReader } from '../log-ports.ts'
import type { Deadline } from '../ports.ts'
import type { DataDeps } from './data-deps.ts'
import type { PairReplicas } from './seen-cluster.ts'
import { isSilence } from './silent-source.ts'

/** Where groups go that do not resume where they were. */
export type ChosenPositions = Exclude<Positions, { readonly kind: 'mapped' }>

/** Where groups shall stand on the target, by topic and partition. */
export type GroupPlaces = ReadonlyMap<string, NewOffsets>

export type PlaceDeps = Pick<DataDeps, 'order' | 'from' | 'to' | 'within'>

/** Whoever fails over because the source is gone waits for no word of it; `gone`: that was found out before. */
export type SourceWord = 'needed' | 'hoped-for' | 'gone'

export interface ChosenPlaces {
  readonly places: GroupPlaces
  /** Why not everything that the source knows was heard. */
  readonly unheard?: string
}

/** What a group has committed anywhere, by topic of the target. */
type Places = Map<string, Map<string, Set<number>>>

/** A source that may be gone is not waited for: what is set on the target needs the time. */
const SOURCE_WITHIN_MS = 8_000

/**
 * Where the groups of the link shall be: at the beginning, the end or a point in time of the replicas in which they have a
 * position on either cluster. Where nothing is as late as that time, they wait at the end.
 */
export const chosenPlaces = async (
  choice: ChosenPositions,
  replicas: PairReplicas,
  word: SourceWord,
  deadline: Deadline,
  deps: PlaceDeps,
): Promise<ChosenPlaces> => {
  const { places, unheard } = await placesOf(replicas, word, deadline, deps)
  const offsets = await chosenOffsets(choice, partitionsIn(places), deadline, deps.to.log)
  return { places: wantedOf(places, offsets), ...(unheard !== undefined && { unheard }) }
}

const placesOf = async (
  replicas: PairReplicas,
  word: SourceWord,
  deadline: Deadline,
  deps: PlaceDeps,
): Promise<{ readonly places: Places; readonly unheard?: string }> => {
  const places: Places = new Map()
  const targets = new Set(replicas.values())
  await notePlaces(places, deps, deps.to.groups, (topic) => (targets.has(topic) ? topic : undefined), deadline)
  if (word === 'gone') return { places, unheard: 'it was not asked, since the drain has found it gone' }
  const ask = (until: Deadline) => notePlaces(places, deps, deps.from.groups, (topic) => replicas.get(topic), until)
  if (word === 'needed') {
    await ask(deadline)
    return { places }
  }
  const unheard = await unlessSilent(ask, deadline, deps)
  return { places, ...(unheard !== undefined && { unheard }) }
}

/** Why a source that may be gone has not told everything. */
const unlessSilent = async (
  ask: (until: Deadline) => Promise<void>,
  deadline: Deadline,
  { within }: Pick<PlaceDeps, 'within'>,
): Promise<string | undefined> => {
  const soon = within(SOURCE_WITHIN_MS, deadline)
  try {
    await ask(soon)
    return undefined
  } catch (error) {
    if (isSilence(error)) return error.message
    throw error
  } finally {
    soon.end()
  }
}

/** Throws once everything is noted that was heard. */
const notePlaces = async (
  places: Places,
  { order }: PlaceDeps,
  admin: GroupAdmin,
  targetTopic: (topic: string) => string | undefined,
  deadline: Deadline,
): Promise<void> => {
  const { link, linkNames } = order.forward.order
  const leaves = groupSelection(link, linkNames)
  const { groups, troubles } = await admin.list(deadline)
  const failures = [...troubles]
  const moved = [...groups.values()].filter((group) => leaves(group) === undefined).map(({ group }) => group)
  for (const [group, offsets] of await admin.committed(moved, deadline))
    if (offsets instanceof ReplicationError) failures.push(offsets)
    else note(places, group, offsets, targetTopic)
  const failure = allAsOne(failures, 'reading where groups are')
  if (failure !== undefined) throw failure
}

const note = (
  places: Places,
  group: string,
  offsets: GroupOffsets,
  targetTopic: (topic: string) => string | undefined,
): void => {
  for (const [topic, partitions] of offsets) {
    const replica = targetTopic(topic)
    if (replica === undefined) continue
    const ofGroup = places.get(group) ?? new Map<string, Set<number>>()
    const ofTopic = ofGroup.get(replica) ?? new Set<number>()
    for (const partition of partitions.keys()) ofTopic.add(partition)
    places.set(group, ofGroup.set(replica, ofTopic))
  }
}

const partitionsIn = (places: Places): readonly PartitionId[] => {
  const found = new Map<string, PartitionId>()
  for (const ofGroup of places.values())
    for (const [topic, partitions] of ofGroup)
      for (const partition of partitions) found.set(partitionName({ topic, partition }), { topic, partition })
  return [...found.values()]
}

/** By `partitionName`; throws what is wrong with one of them, since a group that is placed by half skips or repeats. */
const chosenOffsets = async (
  choice: ChosenPositions,
  partitions: readonly PartitionId[],
  deadline: Deadline,
  log: Pick<LogReader, 'edges' | 'firstSince'>,
): Promise<ReadonlyMap<string, bigint>> => {
  const edges = await log.edges(partitions, deadline)
  const since = choice.kind === 'timestamp' ? await log.firstSince(partitions, choice.at, deadline) : new Map()
  return new Map(
    partitions.map((id): [string, bigint] => {
      const [edge, first] = [edges.get(partitionName(id)), since.get(partitionName(id))]
      if (edge === undefined) throw new RangeError(`${partitionName(id)} was asked for and has no answer`)
      if (edge instanceof ReplicationError) throw edge
      if (first instanceof ReplicationError) throw first
      return [partitionName(id), choice.kind === 'earliest' ? edge.start : (first ?? edge.end)]
    }),
  )
}

const wantedOf = (places: Places, offsets: ReadonlyMap<string, bigint>): GroupPlaces =>
  new Map(
    [...places].map(([group, ofGroup]) => [
      group,
      new Map(
        [...ofGroup].map(([topic, partitions]) => [
          topic,
          new Map(
            [...partitions].map((partition) => {
              const offset = offsets.get(partitionName({ topic, partition }))
              if (offset === undefined) throw new RangeError(`${topic}-${partition} was not asked for`)
              return [partition, { offset, metadata: '' }] as const
            }),
          ),
        ]),
      ),
    ]),
  )
