import { ReplicationError } from './errors.ts'
import type { Head, Page } from './head.ts'
import { PACKED_NOTHING_BYTES, packedSizeBytes } from './packed-runs.ts'
import { continues, isReplicated, type Run, sourceEnd, targetEnd } from './run.ts'

/** Sizes of packed runs, see `packed-runs.ts`. */
export interface SealLimits {
  /** Beyond this the head's runs move to pages: with the rest of the item the head stays about one write unit (1 KB). */
  readonly openRunsBytes: number
  /** A page's item, with keys of the longest topic name, stays one read unit (4 KB). */
  readonly pageBytes: number
}

export const SEAL_LIMITS: SealLimits = { openRunsBytes: 640, pageBytes: 3_500 }

const refuseOverlap = (last: Run, next: Run): void => {
  if (next.source < sourceEnd(last)) {
    throw new ReplicationError(
      'STATE_MALFORMED',
      `extending the offset map: source offset ${next.source} is mapped already, up to ${sourceEnd(last)}`,
    )
  }
  if (next.target < targetEnd(last)) {
    throw new ReplicationError(
      'TARGET_REWOUND',
      `extending the offset map: the target appended at offset ${next.target}, below ${targetEnd(last)} where replicated records end`,
    )
  }
}

/** Adds what was just placed on the target, oldest first; a run that goes on where the last one ended makes it longer. */
export const extendRuns = (openRuns: readonly Run[], placed: readonly Run[]): readonly Run[] => {
  const runs = [...openRuns]
  for (const next of placed) {
    const last = runs.at(-1)
    if (last !== undefined) refuseOverlap(last, next)
    if (last !== undefined && continues(last, next))
      runs[runs.length - 1] = { ...last, length: last.length + next.length }
    else runs.push(next)
  }
  return runs
}

const packedTotalBytes = (runs: readonly Run[]): number =>
  runs.reduce((size, run, at) => size + packedSizeBytes(run, runs[at - 1]), PACKED_NOTHING_BYTES)

/** Cuts `closed` into pages of at most `pageBytes`; `open`, never empty, is what follows them. */
const cutPages = (
  incarnation: string,
  closed: readonly Run[],
  open: readonly Run[],
  pageBytes: number,
): readonly Page[] => {
  const cut: [Run, ...Run[]][] = []
  let sizeBytes = 0
  for (const run of closed) {
    const page = cut.at(-1)
    sizeBytes += packedSizeBytes(run, page?.at(-1))
    if (page !== undefined && sizeBytes <= pageBytes) page.push(run)
    else {
      cut.push([run])
      sizeBytes = PACKED_NOTHING_BYTES + packedSizeBytes(run)
    }
  }
  return cut.map((runs, at) => ({ incarnation, runs, followedBy: beginningOf([...cut.slice(at + 1).flat(), ...open]) }))
}

/** The whole of a map that will not grow any more; it ends at `nextSource`. */
export const lastPages = (
  incarnation: string,
  openRuns: readonly Run[],
  nextSource: bigint,
  { pageBytes }: SealLimits = SEAL_LIMITS,
): readonly Page[] =>
  cutPages(incarnation, openRuns, [{ source: nextSource, target: 0n, length: 0n, looped: true }], pageBytes)

const beginningOf = (runs: readonly Run[]): Page['followedBy'] => {
  const [first] = runs
  if (first === undefined) throw new RangeError('nothing follows a page, although the last run is never sealed')
  const target = runs.find(isReplicated)?.target
  return { source: first.source, ...(target !== undefined && { target }) }
}

/**
 * Where the runs that stay in the head begin: with the last one that takes a place on the target, so that a page knows
 * where the map goes on there; unless so many looped runs follow it that they would fill the head.
 */
const firstToStay = (openRuns: readonly Run[], { openRunsBytes }: SealLimits): number => {
  const lastReplicated = openRuns.findLastIndex(isReplicated)
  if (lastReplicated !== -1 && 2 * packedTotalBytes(openRuns.slice(lastReplicated)) <= openRunsBytes)
    return lastReplicated
  return openRuns.length - 1
}

/**
 * What has to become pages before the head may be replaced, and the runs that stay in the head.
 *
 * Only runs of a head that was read are sealed, never runs that are about to be written: heads follow one another in one
 * line (every write is conditional), so whoever seals from the same head, after a crash or as a zombie, writes the same
 * pages. The last run always stays, since it may still grow.
 */
export const seal = (
  head: Pick<Head, 'incarnation' | 'openRuns'> | undefined,
  limits: SealLimits = SEAL_LIMITS,
): { readonly pages: readonly Page[]; readonly openRuns: readonly Run[] } => {
  if (head === undefined) return { pages: [], openRuns: [] }
  const { incarnation, openRuns } = head
  if (openRuns.length < 2 || packedTotalBytes(openRuns) <= limits.openRunsBytes) return { pages: [], openRuns }
  const stays = firstToStay(openRuns, limits)
  const open = openRuns.slice(stays)
  return { pages: cutPages(incarnation, openRuns.slice(0, stays), open, limits.pageBytes), openRuns: open }
}
