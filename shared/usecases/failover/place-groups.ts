import { ReplicationError } from '../../domain/errors.ts'
import type { Positions } from '../../domain/failover/failover-input.ts'
import { groupSelection } from '../../domain/groups/group-selection.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { CommitAnswers, GroupAdmin, GroupOffsets, NewOffsets } from '../groups/group-ports.ts'
import type { LogReader } from '../log-ports.ts'
import type { Deadline } from '../ports.ts'
import type { DataDeps } from './data-deps.ts'
import type { PairReplicas } from './seen-cluster.ts'

/** Where groups go that do not resume where they were. */
export type ChosenPositions = Exclude<Positions, { readonly kind: 'mapped' }>

/** Where groups shall stand on the target, by topic and partition. */
export type GroupPlaces = ReadonlyMap<string, NewOffsets>

/** What became of the positions of groups. */
export interface PlacedGroups {
  /** Groups that have members on the target, and were left where these are. */
  readonly live: readonly string[]
  readonly failed: ReadonlyMap<string, ReplicationError>
  readonly placed: GroupPlaces
}

export type PlaceDeps = Pick<DataDeps, 'order' | 'from' | 'to'>

/** What a group has committed anywhere, by topic of the target. */
type Places = Map<string, Map<string, Set<number>>>

const GROUPS_AT_ONCE = 100

/**
 * Where the groups of the link shall be: at the beginning, the end or a point in time of the replicas in which they have a
 * position on either cluster. Where nothing is as late as that time, they wait at the end.
 */
export const chosenPlaces = async (
  choice: ChosenPositions,
  replicas: PairReplicas,
  mayMiss: boolean,
  deadline: Deadline,
  deps: PlaceDeps,
): Promise<GroupPlaces> => {
  const places = await placesOf(replicas, mayMiss, deadline, deps)
  return wantedOf(places, await chosenOffsets(choice, partitionsIn(places), deadline, deps.to.log))
}

/** Sets groups there that have no members. */
export const placeGroups = async (wanted: GroupPlaces, deadline: Deadline, target: GroupAdmin): Promise<PlacedGroups> =>
  summaryOf(wanted, await commitAll(wanted, deadline, target))

export const positionsIn = (places: GroupPlaces): number =>
  [...places.values()].flatMap((ofGroup) => [...ofGroup.values()]).reduce((total, { size }) => total + size, 0)

const placesOf = async (
  replicas: PairReplicas,
  mayMiss: boolean,
  deadline: Deadline,
  deps: PlaceDeps,
): Promise<Places> => {
  const places: Places = new Map()
  const targets = new Set(replicas.values())
  await notePlaces(places, deps, deps.to.groups, (topic) => (targets.has(topic) ? topic : undefined), deadline)
  try {
    await notePlaces(places, deps, deps.from.groups, (topic) => replicas.get(topic), deadline)
  } catch (error) {
    if (!mayMiss || !(error instanceof ReplicationError)) throw error
  }
  return places
}

const notePlaces = async (
  places: Places,
  { order }: PlaceDeps,
  admin: GroupAdmin,
  targetTopic: (topic: string) => string | undefined,
  deadline: Deadline,
): Promise<void> => {
  const { link, linkNames } = order.forward.order
  const leaves = groupSelection(link, linkNames)
  const { groups } = await admin.list(deadline)
  const moved = [...groups.values()].filter((group) => leaves(group) === undefined).map(({ group }) => group)
  for (const [group, offsets] of await admin.committed(moved, deadline)) {
    if (offsets instanceof ReplicationError) throw offsets
    note(places, group, offsets, targetTopic)
  }
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

const commitAll = async (
  wanted: GroupPlaces,
  deadline: Deadline,
  target: GroupAdmin,
): Promise<ReadonlyMap<string, CommitAnswers>> => {
  const answers = new Map<string, CommitAnswers>()
  const groups = [...wanted]
  for (let at = 0; at < groups.length; at += GROUPS_AT_ONCE)
    for (const [group, ofGroup] of await target.commit(new Map(groups.slice(at, at + GROUPS_AT_ONCE)), deadline))
      answers.set(group, ofGroup)
  return answers
}

const summaryOf = (wanted: GroupPlaces, answers: ReadonlyMap<string, CommitAnswers>): PlacedGroups => {
  const live: string[] = []
  const failed = new Map<string, ReplicationError>()
  for (const [group, ofGroup] of answers)
    for (const answer of [...ofGroup.values()].flatMap((ofTopic) => [...ofTopic.values()])) {
      if (answer.kind === 'failed') failed.set(group, answer.error)
      if (answer.kind === 'live' && !live.includes(group)) live.push(group)
    }
  const placed = new Map([...wanted].filter(([group]) => !live.includes(group) && !failed.has(group)))
  return { live: live.sort(), failed, placed }
}
