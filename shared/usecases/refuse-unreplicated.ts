import { ReplicationError } from '../domain/errors.ts'
import type { Head } from '../domain/head.ts'
import { type PartitionBatch, partitionName } from '../domain/record.ts'
import { type Run, sourceEnd } from '../domain/run.ts'
import type { Deadline, GapLedger, OffsetMapPages } from './ports.ts'

/**
 * A hole was taken for markers or compacted records, unread. When a record of it is delivered after all (the group was
 * moved forward and back, or a late delivery was overtaken), it was never replicated, whatever the checkpoint says: it
 * must not be dropped as a redelivery. `batch` holds the records below the checkpoint; the map is read only when the head
 * does not know them.
 */
export const refuseUnreplicated = async (
  { records, ...partition }: PartitionBatch,
  { incarnation, openRuns, unverifiedFrom }: Head,
  deadline: Deadline,
  map: OffsetMapPages & GapLedger,
): Promise<void> => {
  if (unverifiedFrom === undefined) return
  const unknown = records
    .map(({ offset }) => BigInt(offset))
    .filter((offset) => offset >= unverifiedFrom && !covers(openRuns, offset))
  for (const offset of unknown) {
    const page = await map.pageAtSource(partition, incarnation, offset, deadline)
    if (page !== undefined && covers(page.runs, offset)) continue
    const gaps = await map.gaps(partition, deadline)
    if (gaps.some((gap) => gap.incarnation === incarnation && gap.from <= offset && offset < gap.to)) continue
    const doing = `replicating ${partitionName(partition)}: source offset ${offset} lies below the checkpoint but was never replicated`
    throw new ReplicationError('HOLE_NOT_EMPTY', doing)
  }
}

const covers = (runs: readonly Run[], offset: bigint): boolean =>
  runs.some((run) => run.source <= offset && offset < sourceEnd(run))
