import { asReplicationError } from '../../domain/errors.ts'
import type { Bound } from '../../domain/groups/group-stand.ts'
import type { Way } from '../../domain/groups/group-ways.ts'
import { partitionName } from '../../domain/record.ts'
import { inLanes } from '../lanes.ts'
import type { Deadline } from '../ports.ts'
import { type MapReader, type MissingMap, type ReadMap, readMaps, type WayPartition, wayName } from './read-maps.ts'
import { translateCommitted, translateCommittedBack } from './translate.ts'

/** A position on the source, and the way it may take. */
export interface WayPosition extends WayPartition {
  readonly offset: bigint
}

export interface BoundPositions {
  bound(position: WayPosition): Bound
  /** The map that a way goes by; absent where there is none for it. */
  map(way: Way, partition: number): ReadMap | undefined
}

/** Few enough for a table that others use as well. */
const LANES = 20

/**
 * Where positions lead, each by its way. Heads are read once a partition, whatever the number of groups, and each page
 * once; positions that are the same are translated once.
 */
export const boundPositions = async (
  positions: readonly WayPosition[],
  readers: ReadonlyMap<string, MapReader>,
  deadline: Deadline,
): Promise<BoundPositions> => {
  const maps = await readMaps(positions, readers, deadline)
  const bounds = new Map<string, Bound>()
  const jobs = [...Map.groupBy(positions, ({ way, partition }) => wayName(way, partition))]
  await inLanes(jobs, LANES, async ([name, ofPartition]) => {
    const map = maps.get(name)
    for (const position of fromTheGreatest(ofPartition)) {
      const key = `${name} ${position.offset}`
      if (map !== undefined && !bounds.has(key)) bounds.set(key, await boundBy(map, position, deadline))
    }
  })
  return {
    bound: ({ way, partition, offset }) =>
      bounds.get(`${wayName(way, partition)} ${offset}`) ?? { kind: 'unmapped', detail: 'it was not asked for' },
    map: (way, partition) => {
      const map = maps.get(wayName(way, partition))
      return map !== undefined && 'head' in map ? map : undefined
    },
  }
}

const fromTheGreatest = (positions: readonly WayPosition[]): readonly WayPosition[] =>
  [...positions].sort(({ offset: one }, { offset: other }) => (one < other ? 1 : -1))

const boundBy = async (map: ReadMap | MissingMap, { way, offset }: WayPosition, deadline: Deadline): Promise<Bound> => {
  if (!('head' in map)) return map
  try {
    if (way.direction === 'forward') return await forward(map, way, offset, deadline)
    return way.shared ? await firstUnread(map, way, offset, deadline) : await back(map, way, offset, deadline)
  } catch (error) {
    const doing = `translating offset ${offset} by the map of ${partitionName(map.partition)}`
    return { kind: 'failed', detail: asReplicationError(error, doing).message }
  }
}

const NOTHING_YET: Bound = { kind: 'unmapped', detail: 'none of its records is replicated yet' }

/** Where several origins meet, another map may tell what a map without records does not. */
const forward = async (map: ReadMap, way: Way, offset: bigint, deadline: Deadline): Promise<Bound> => {
  const position = await translateCommitted(map, { incarnation: way.incarnation, offset }, deadline)
  const { kind } = position
  if (kind === 'unmapped') return way.shared ? { kind: 'none' } : NOTHING_YET
  if (kind === 'exact') return position
  return { kind, target: position.target, by: kind === 'ahead' ? position.by : position.missing }
}

const back = async (map: ReadMap, { incarnation }: Way, offset: bigint, deadline: Deadline): Promise<Bound> => {
  const position = await translateCommittedBack(map, { incarnation, offset }, deadline)
  const { kind } = position
  if (kind === 'unmapped') return NOTHING_YET
  if (kind === 'exact') return { kind, target: position.source }
  return { kind, target: position.source, by: kind === 'ahead' ? position.by : position.missing }
}

/**
 * The first record of the reverse link's own that the group has not read: past the records that came from here, which lie
 * between on the target and which the link's own map bounds. Without it, a group would read those again.
 */
const firstUnread = async (map: ReadMap, { incarnation }: Way, offset: bigint, deadline: Deadline): Promise<Bound> => {
  const behind = await translateCommittedBack(map, { incarnation, offset }, deadline)
  if (behind.kind === 'unmapped')
    return map.closed ? { kind: 'passed' } : { kind: 'exact', target: map.head.nextSource }
  const missing = behind.kind === 'before-start' && behind.missing > 0n ? behind.missing : undefined
  const kind = missing === undefined ? 'exact' : 'before-start'
  const next = await translateCommitted(map, { incarnation, offset: behind.source }, deadline)
  const after = next.kind === 'unmapped' ? next : await recordAt(map, incarnation, next.target, deadline)
  if (after.kind !== 'exact' && map.closed) return { kind: 'passed', after: behind.source }
  const target = after.kind === 'exact' ? after.source - 1n : map.head.nextSource
  if (missing !== undefined) return { kind, target, by: missing }
  return behind.kind === 'before-start' ? { kind, target } : { kind, target, after: behind.source }
}

/** What comes right after the record that is at `target`; `ahead` where no record is there yet. */
const recordAt = (map: ReadMap, incarnation: string, target: bigint, deadline: Deadline) =>
  translateCommittedBack(map, { incarnation, offset: target + 1n }, deadline)
