import type { Head } from '../head.ts'
import { extendRuns, seal } from '../offset-map.ts'
import { type Run, targetEnd } from '../run.ts'
import type { NextHead } from './seeded-head.ts'

/** What became of a stretch of a stranded tail that was appended late. */
export interface TailStretchRuns {
  /** Where it ends on the old active cluster. */
  readonly to: bigint
  /** Oldest first; between them are markers, and what came from the other cluster. */
  readonly runs: readonly Run[]
}

/**
 * The head of a stopped link once a stretch of its stranded tail is on its target, behind what applications have written
 * there: as if the link had brought it late. What lies between the runs was not confirmed to hold no record.
 *
 * Absent: it is there already.
 */
export const mergedHead = (known: Head, { to, runs }: TailStretchRuns, now: number): NextHead | undefined => {
  if (known.nextSource >= to) return undefined
  const fresh = runs.filter(({ source }) => source >= known.nextSource)
  const { pages, openRuns } = seal(known)
  const last = fresh.at(-1)
  const length = fresh.reduce((sum, run) => sum + run.length, 0n)
  const hole = length < to - known.nextSource ? known.nextSource : undefined
  const head: Head = {
    ...known,
    nextSource: to,
    nextTarget: last === undefined ? known.nextTarget : targetEnd(last),
    openRuns: extendRuns(openRuns, fresh),
    last: undefined,
    unverifiedFrom: known.unverifiedFrom ?? hole,
    updatedAt: now,
  }
  return { pages, head }
}
