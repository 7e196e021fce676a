import { isReplicated, type Run, sourceEnd } from '../../domain/run.ts'
import type { Deadline } from '../ports.ts'
import type { ReadMap } from './read-maps.ts'

/** Beyond this a count is not worth its reads; a page has some hundreds of runs. */
const PAGES_AT_MOST = 100

/** How many records of the source from `from` on and before `to` are on the target; absent where the map does not tell. */
export const countReplicated = async (
  { partition, head, pages }: ReadMap,
  from: bigint,
  to: bigint,
  deadline: Deadline,
): Promise<bigint | undefined> => {
  let counted = 0n
  let at = from
  const oldestOpen = head.openRuns.at(0)?.source ?? head.nextSource
  for (let read = 0; at < to && at < oldestOpen; read++) {
    const page = await pages.pageAtSource(partition, head.incarnation, at, deadline)
    if (page === undefined || read === PAGES_AT_MOST) return undefined
    counted += countIn(page.runs, at, to)
    at = page.followedBy.source
  }
  return counted + countIn(head.openRuns, at, to)
}

const countIn = (runs: readonly Run[], from: bigint, to: bigint): bigint =>
  runs.filter(isReplicated).reduce((total, run) => total + overlap(run, from, to), 0n)

const overlap = (run: Run, from: bigint, to: bigint): bigint => {
  const begin = run.source > from ? run.source : from
  const end = sourceEnd(run) < to ? sourceEnd(run) : to
  return end > begin ? end - begin : 0n
}
