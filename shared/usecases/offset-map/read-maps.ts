import { asReplicationError, ReplicationError } from '../../domain/errors.ts'
import type { Bound } from '../../domain/groups/group-stand.ts'
import type { Way } from '../../domain/groups/group-ways.ts'
import type { Head } from '../../domain/head.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { Deadline, LinkState, OffsetMapPages } from '../ports.ts'
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
}

/** Why there is no map that a position could be translated by. */
export type MissingMap = Extract<Bound, { readonly detail: string }>

/** As its own link names the topic: the source of a reverse link is our target. */
const mappedPartition = ({ direction, topic, targetTopic }: Way, partition: number): PartitionId => ({
  topic: direction === 'forward' ? topic : targetTopic,
  partition,
})

export const wayName = (way: Way, partition: number): string =>
  `${way.link} ${way.direction} ${partitionName(mappedPartition(way, partition))}`

type Heads = ReadonlyMap<string, Head | ReplicationError>

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
    const heads = await readHeads(ofLink, reader, deadline)
    const pages = shelved(reader)
    for (const { way, partition } of ofLink) {
      const id = mappedPartition(way, partition)
      maps.set(wayName(way, partition), mapOf(id, way, headOf(heads, id), pages))
    }
  }
  return maps
}

const readHeads = async (
  positions: readonly WayPartition[],
  reader: MapReader,
  deadline: Deadline,
): Promise<Heads | ReplicationError> => {
  const partitions = new Map(
    positions.map(({ way, partition }) => {
      const id = mappedPartition(way, partition)
      return [partitionName(id), id]
    }),
  )
  try {
    return (await reader.read([...partitions.values()], deadline)).heads
  } catch (error) {
    return asReplicationError(error, `reading the heads of ${partitions.size} partitions`)
  }
}

const headOf = (heads: Heads | ReplicationError, id: PartitionId): Head | ReplicationError | undefined =>
  heads instanceof ReplicationError ? heads : heads.get(partitionName(id))

const mapOf = (
  partition: PartitionId,
  { incarnation }: Way,
  head: Head | ReplicationError | undefined,
  pages: OffsetMapPages,
): ReadMap | MissingMap => {
  const name = partitionName(partition)
  if (head === undefined) return { kind: 'unmapped', detail: `nothing of ${name} is replicated yet` }
  if (head instanceof ReplicationError) return { kind: 'failed', detail: head.message }
  if (head.incarnation !== incarnation)
    return { kind: 'unmapped', detail: `the map of ${name} is of another life of the topic` }
  if (head.rewoundTo !== undefined)
    return { kind: 'unmapped', detail: `the replica of ${name} lost records, or is another topic by now` }
  return { partition, head, pages }
}
