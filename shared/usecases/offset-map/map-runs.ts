import { ReplicationError } from '../../domain/errors.ts'
import type { Head, Page } from '../../domain/head.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { Run } from '../../domain/run.ts'
import type { Deadline, OffsetMapPages } from '../ports.ts'

export interface WholeMap {
  readonly partition: PartitionId
  /** Read before the pages: what leaves it meanwhile is in a page by then. */
  readonly head: Head
  readonly pages: OffsetMapPages
}

/**
 * The runs of a map in their order, one page at a time: from the last page on that begins at or below `from`, or from the
 * oldest one that is left.
 */
export async function* mapRuns(
  { partition, head, pages }: WholeMap,
  from: bigint,
  deadline: Deadline,
): AsyncGenerator<Run> {
  const { incarnation, openRuns, nextSource } = head
  const openFrom = openRuns[0]?.source ?? nextSource
  let page =
    (await pages.pageAtSource(partition, incarnation, from, deadline)) ??
    (await pages.oldestPage(partition, incarnation, deadline))
  while (page !== undefined) {
    yield* page.runs.filter(({ source }) => source < openFrom)
    const next: bigint = page.followedBy.source
    page = next >= openFrom ? undefined : await followingPage(next)
  }
  yield* openRuns

  async function followingPage(source: bigint): Promise<Page> {
    const found = await pages.pageAtSource(partition, incarnation, source, deadline)
    if (found?.runs[0].source === source) return found
    const doing = `walking along the offset map of ${partitionName(partition)}: the page that begins at source offset ${source} is missing`
    throw new ReplicationError('STATE_MALFORMED', doing)
  }
}

/** Where the map begins, as far as it has not expired. */
export const firstRun = async ({ partition, head, pages }: WholeMap, deadline: Deadline): Promise<Run | undefined> =>
  (await pages.oldestPage(partition, head.incarnation, deadline))?.runs[0] ?? head.openRuns[0]
