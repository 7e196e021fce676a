import type { GroupStep } from '../../domain/groups/group-plan.ts'
import type { GroupRecord, PublishedPosition } from '../../domain/groups/group-record.ts'
import { nextPosition } from '../../domain/groups/group-record.ts'
import type { PlannedMove } from '../../domain/groups/position-verdict.ts'
import { type AppliedMoves, applyMoves } from '../groups/apply-moves.ts'
import type { GroupAdmin, GroupLedger } from '../groups/group-ports.ts'
import { type BoundPositions, boundPositions, type WayPosition } from '../offset-map/bound-positions.ts'
import type { MapReader } from '../offset-map/read-maps.ts'
import type { Clock, Deadline } from '../ports.ts'

export interface ResettleDeps {
  readonly link: { readonly name: string }
  readonly ledger: GroupLedger
  readonly map: MapReader
  readonly target: GroupAdmin
  readonly clock: Clock
}

/** One position that the link published, and where. */
export interface PublishedPlace {
  readonly group: string
  readonly targetTopic: string
  readonly partition: number
  readonly published: PublishedPosition
}

/** Kafka allows no `#` in the name of a topic, and anything in that of a group. */
export const publishedPlaces = (records: ReadonlyMap<string, GroupRecord>): readonly PublishedPlace[] =>
  [...records].flatMap(([name, { positions }]) => {
    const cut = name.indexOf('#')
    const [targetTopic, group] = [name.slice(0, cut), name.slice(cut + 1)]
    return [...positions].map(([partition, published]) => ({ group, targetTopic, partition, published }))
  })

/**
 * Moves groups on by what is known without the source: where a group was when it was last seen there, translated by a map
 * that has grown since. Groups that left the place where the link put them are left alone.
 */
export const resettleGroups = async (deadline: Deadline, deps: ResettleDeps): Promise<AppliedMoves> => {
  const records = await deps.ledger.records(deadline)
  const places = publishedPlaces(records)
  const way = (place: PublishedPlace): WayPosition => wayOf(place, deps.link.name)
  const bounds = await boundPositions(places.map(way), new Map([[deps.link.name, deps.map]]), deadline)
  const moves = places.flatMap((place) => moveOf(place, way(place), bounds))
  const steps = [...Map.groupBy(moves, ({ targetTopic, group }) => `${targetTopic}#${group}`)].map(([name, ofTopic]) =>
    stepOf(ofTopic, records.get(name), deps.clock.now()),
  )
  return await applyMoves(steps, deadline, { target: deps.target, ledger: deps.ledger })
}

const wayOf = ({ targetTopic, partition, published }: PublishedPlace, link: string): WayPosition => {
  const { topic, incarnation } = published.origin
  const way = { direction: 'forward', link, topic, targetTopic, incarnation, shared: false } as const
  return { way, partition, offset: published.source }
}

const moveOf = (
  { group, targetTopic, partition, published }: PublishedPlace,
  position: WayPosition,
  bounds: BoundPositions,
): PlannedMove[] => {
  const bound = bounds.bound(position)
  if (!('target' in bound) || bound.kind === 'before-start' || bound.target <= published.target) return []
  const { origin, source, target: was } = published
  const by = bound.by === undefined ? {} : { by: bound.by }
  const { target, kind } = bound
  return [{ group, targetTopic, partition, origin, source, target, was, kind, ...by, metadata: '', rewind: false }]
}

const stepOf = (moves: readonly PlannedMove[], from: GroupRecord | undefined, at: number): GroupStep => {
  const [first] = moves
  if (first === undefined) throw new RangeError('a step without a move')
  const { group, targetTopic } = first
  const positions = new Map(from?.positions)
  for (const { partition, origin, source, target, was } of moves) {
    const next = { origin, source, target, ...(was !== undefined && { was }) }
    positions.set(partition, nextPosition(from?.positions.get(partition), next))
  }
  return { group, targetTopic, change: { group, targetTopic, from, to: { at, positions } }, moves }
}
