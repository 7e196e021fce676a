import { asReplicationError, ReplicationError } from '../../domain/errors.ts'
import type { Bound } from '../../domain/groups/group-stand.ts'
import type { Way } from '../../domain/groups/group-ways.ts'
import type { Head } from '../../domain/head.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { Deadline, LinkSnapshot, LinkState, OffsetMapPages } from '../ports.ts'
import { shelved } from './page-shelf.ts'

/** Where the offset map of a link is. */
export type MapReader = Pick<LinkState, 'read'> & OffsetMapPages

/** One partition of a way. */
export interface WayPartition {
  readonly way: Way
  readonly partition: number
}

/** The head and the pages of one partition, read once for all groups. */
export interface ReadMap {
  readonly partition: PartitionId
  readonly head: Head
  readonly pages: OffsetMapPages
  /** A failover has stopped the link, since its target is the active side: nothing of its own follows on its source. */
  readonly closed: boolean
}

/** Why there is no map that a position could be translated by; `passed`: there is none, and none is missing. */
export type MissingMap = Extract<Bound, { readonly detail: string } | { readonly kind: 'passed' }>

/** As its own link names the topic: the source of a reverse link is our target. */
const mappedPartition = ({ direction, topic, targetTopic }: Way, partition: number): PartitionId => ({
  topic: direction === 'forward' ? topic : targetTopic,
  partition,
})

export const wayName = (way: Way, partition: number): string =>
  `${way.link} ${way.direction} ${partitionName(mappedPartition(way, partition))}`

type Snapshot = Pick<LinkSnapshot, 'heads' | 'status'>

/** The map of each partition of each way, by `wayName`: one read of heads a link. */
export const readMaps = async (
  partitions: readonly WayPartition[],
  readers: ReadonlyMap<string, MapReader>,
  deadline: Deadline,
): Promise<ReadonlyMap<string, ReadMap | MissingMap>> => {
  const maps = new Map<string, ReadMap | MissingMap>()
  for (const [link, ofLink] of Map.groupBy(partitions, ({ way }) => way.link)) {
    const reader = readers.get(link)
    if (reader === undefined) throw new RangeError(`a way by ${link}, whose table nobody reads`)
    const snapshot = await readHeads(ofLink, reader, deadline)
    const pages = shelved(reader)
    for (const { way, partition } of ofLink) {
      const id = mappedPartition(way, partition)
      maps.set(wayName(way, partition), mapOf(id, way, snapshot, pages))
    }
  }
  return maps
}

const readHeads = async (
  positions: readonly WayPartition[],
  reader: MapReader,
  deadline: Deadline,
): Promise<Snapshot | ReplicationError> => {
  const partitions = new Map(
    positions.map(({ way, partition }) => {
      const id = mappedPartition(way, partition)
      return [partitionName(id), id]
    }),
  )
  try {
    return await reader.read([...partitions.values()], deadline)
  } catch (error) {
    return asReplicationError(error, `reading the heads of ${partitions.size} partitions`)
  }
}

const mapOf = (
  partition: PartitionId,
  { direction, incarnation }: Way,
  snapshot: Snapshot | ReplicationError,
  pages: OffsetMapPages,
): ReadMap | MissingMap => {
  const name = partitionName(partition)
  if (snapshot instanceof ReplicationError) return { kind: 'failed', detail: snapshot.message }
  const head = snapshot.heads.get(name)
  const closed = direction === 'back' && snapshot.status.role === 'active'
  if (head instanceof ReplicationError) return { kind: 'failed', detail: head.message }
  if (closed && head?.incarnation !== incarnation) return { kind: 'passed' }
  if (head === undefined) return { kind: 'unmapped', detail: `nothing of ${name} is replicated yet` }
  if (head.incarnation !== incarnation)
    return { kind: 'unmapped', detail: `the map of ${name} is of another life of the topic` }
  if (head.rewoundTo !== undefined)
    return { kind: 'unmapped', detail: `the replica of ${name} lost records, or is another topic by now` }
  return { partition, head, pages, closed }
}
