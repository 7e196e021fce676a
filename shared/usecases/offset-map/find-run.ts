import { type Run, sourceEnd } from '../../domain/run.ts'
import type { Deadline } from '../ports.ts'
import type { Committed, OffsetMap } from './translate.ts'

/**
 * The run of the map in which a source offset lies; at most one read. `undefined`: it was never replicated, or so long ago
 * that its page has expired. The head has to be read before the pages, see `translateCommitted`.
 */
export const findRun = async (
  { partition, head, pages }: OffsetMap,
  { incarnation, offset }: Committed,
  deadline: Deadline,
): Promise<Run | undefined> => {
  const open = head?.incarnation === incarnation ? head.openRuns : []
  const oldestOpen = open.at(0)
  if (oldestOpen !== undefined && offset >= oldestOpen.source) return runAt(open, offset)
  const page = await pages.pageAtSource(partition, incarnation, offset, deadline)
  return runAt(page?.runs ?? [], offset)
}

const runAt = (runs: readonly Run[], offset: bigint): Run | undefined =>
  runs.find((run) => run.source <= offset && offset < sourceEnd(run))
