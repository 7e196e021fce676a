import type { Head } from '../../domain/head.ts'
import { replicatedTo, withHead } from '../../domain/lag/ended-life.ts'
import type { PartitionLook } from '../../domain/lag/partition-look.ts'
import type { Deadline, OffsetMapPages } from '../ports.ts'

/**
 * A life that is over, with how far it was replicated by now: its head tells, as long as there is one, and after that its map,
 * which is whole from when the head was closed.
 */
export const withCheckpoint = async (
  life: PartitionLook,
  head: Head | undefined,
  deadline: Deadline,
  map: Pick<OffsetMapPages, 'pageAtSource'>,
): Promise<PartitionLook> => {
  if (head === undefined || head.incarnation === life.incarnation) return withHead(life, head)
  const last = await map.pageAtSource(life, life.incarnation, life.end, deadline)
  return last === undefined ? life : replicatedTo(life, last.followedBy.source)
}
