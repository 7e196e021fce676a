import { ReplicationError } from '../../domain/errors.ts'
import type { Head } from '../../domain/head.ts'
import { type PartitionBatch, partitionName } from '../../domain/record.ts'
import { findRun } from '../offset-map/find-run.ts'
import { shelved } from '../offset-map/page-shelf.ts'
import type { Deadline, GapLedger, OffsetMapPages } from '../ports.ts'

/**
 * A hole was taken for markers or compacted records, unread. When a record of it is delivered after all (the group was
 * moved forward and back, or a late delivery was overtaken), it was never replicated, whatever the checkpoint says: it
 * must not be dropped as a redelivery. `batch` holds the records below the checkpoint; the map is read only when the head
 * does not know them, and each page once: a redelivery may go back over thousands of runs, and has to be a no-op within its
 * deadline.
 */
export const refuseUnreplicated = async (
  { records, ...partition }: PartitionBatch,
  head: Head,
  deadline: Deadline,
  pages: OffsetMapPages & GapLedger,
): Promise<void> => {
  const { incarnation, unverifiedFrom } = head
  if (unverifiedFrom === undefined) return
  const doubtful = records.map(({ offset }) => BigInt(offset)).filter((offset) => offset >= unverifiedFrom)
  const map = { partition, head, pages: shelved(pages) }
  const unmapped: bigint[] = []
  for (const offset of doubtful)
    if ((await findRun(map, { incarnation, offset }, deadline)) === undefined) unmapped.push(offset)
  if (unmapped.length === 0) return
  const gaps = (await pages.gaps(partition, deadline)).filter((gap) => gap.incarnation === incarnation)
  const unexplained = unmapped.find((offset) => !gaps.some(({ from, to }) => from <= offset && offset < to))
  if (unexplained === undefined) return
  const doing = `replicating ${partitionName(partition)}: source offset ${unexplained} lies below the checkpoint but was never replicated`
  throw new ReplicationError('HOLE_NOT_EMPTY', doing)
}
