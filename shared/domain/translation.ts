import { ReplicationError } from './errors.ts'
import type { Page } from './head.ts'
import { isReplicated, type Run, sourceEnd, targetEnd } from './run.ts'

/** Where a group resumes on the target. */
export type Position =
  /** It reads nothing twice and misses nothing. */
  | { readonly kind: 'exact'; readonly target: bigint }
  /** It has read `by` source offsets that are not on the target yet. */
  | { readonly kind: 'ahead'; readonly target: bigint; readonly by: bigint }
  /** The map begins `missing` source offsets later, so that what lies between is not known to be on the target. */
  | { readonly kind: 'before-start'; readonly target: bigint; readonly missing: bigint }
  /** The map is empty but for looped runs, or of another incarnation of the topic. */
  | { readonly kind: 'unmapped' }

/** Where a group that read on the target resumes on the source. */
export type SourcePosition =
  | { readonly kind: 'exact'; readonly source: bigint }
  /** It has read `by` target offsets that no run covers: records of somebody else, or copies that a crash left. */
  | { readonly kind: 'ahead'; readonly source: bigint; readonly by: bigint }
  /** It has read nothing that the map knows, so that `source`, where the map begins, may lie past where it was. */
  | { readonly kind: 'before-start'; readonly source: bigint; readonly missing: bigint }
  | { readonly kind: 'unmapped' }

/**
 * Where a group that committed `committed` on the source resumes on the target: at the first replicated record that it
 * has not read.
 *
 *   source   0 1 2 . . 5 6 7        dots: markers, compacted, filtered or looped records
 *   target   9 10 11   12 13 14     committed 4 resumes at 12, committed 8 at 15
 *
 * `runs` ascend in both coordinates; `nextSource` is the first offset not replicated yet.
 */
export const translate = (runs: readonly Run[], nextSource: bigint, committed: bigint): Position => {
  const first = runs.at(0)
  const last = runs.at(-1)
  if (first === undefined || last === undefined || !isMapped(last)) return { kind: 'unmapped' }
  if (committed > nextSource) return { kind: 'ahead', target: targetEnd(last), by: committed - nextSource }

  const run = runs.find((candidate) => isReplicated(candidate) && committed < sourceEnd(candidate))
  const target = run?.target ?? targetEnd(last)
  if (committed < first.source) return { kind: 'before-start', target, missing: first.source - committed }
  const alreadyRead = run !== undefined && committed > run.source ? committed - run.source : 0n
  return { kind: 'exact', target: target + alreadyRead }
}

/** Whether anything was replicated up to the end of `run`: a record that is on the target ends at 1 at least. */
const isMapped = (run: Run): boolean => targetEnd(run) > 0n

/**
 * Where a group that committed `committed` on the target resumes on the source: right after the last record that it has
 * read. In a hole that is the beginning of the hole, so that there and back again never lands past the start.
 *
 *   target   9 10 11 . 13 14        dots: records that no run covers
 *   source   0 1 2     5 6          committed 12 and 13 resume at 3, committed 14 at 6
 */
export const translateBack = (runs: readonly Run[], committed: bigint): SourcePosition => {
  const first = runs.at(0)
  const last = runs.at(-1)
  if (first === undefined || last === undefined) return { kind: 'unmapped' }

  const run = runs.findLast((candidate) => isReplicated(candidate) && candidate.target < committed)
  const missing = committed < first.target ? first.target - committed : 0n
  if (run === undefined) return { kind: 'before-start', source: first.source, missing }
  if (committed > targetEnd(last)) return { kind: 'ahead', source: sourceEnd(run), by: committed - targetEnd(last) }
  const read = committed < targetEnd(run) ? committed - run.target : run.length
  return { kind: 'exact', source: run.source + read }
}

const missingPage = ({ incarnation, followedBy }: Page, asked: string): ReplicationError =>
  new ReplicationError(
    'STATE_MALFORMED',
    `translating ${asked}: the page of incarnation ${incarnation} that begins at source offset ${followedBy.source} is missing`,
  )

/** The runs of a page and the beginning of what follows it, which settles the hole between the two. */
const withNext = ({ runs, followedBy: { source, target } }: Page): readonly Run[] =>
  target === undefined ? runs : [...runs, { source, target, length: 1n }]

/** Whether the page knows where a group resumes that committed `committed`: not when only looped runs follow in it. */
export const settles = ({ runs, followedBy }: Page, committed: bigint): boolean =>
  followedBy.target !== undefined || runs.some((run) => isReplicated(run) && committed < sourceEnd(run))

/** `page` is the last one that begins at or below `committed`; a position past the page proves that its successor is gone. */
export const translateInPage = (page: Page, committed: bigint): Position => {
  if (committed >= page.followedBy.source) throw missingPage(page, `source offset ${committed}`)
  return translate(withNext(page), page.followedBy.source, committed)
}

/**
 * `page` is the last one with a record below `committed`, a target offset; the records of the whole map end at `mapEnd` on
 * the target.
 */
export const translateBackInPage = (page: Page, committed: bigint, mapEnd: bigint): SourcePosition => {
  const { target } = page.followedBy
  if (target !== undefined && committed > target) throw missingPage(page, `target offset ${committed}`)
  const position = translateBack(withNext(page), committed)
  if (position.kind !== 'ahead') return position
  if (committed <= mapEnd) return { kind: 'exact', source: position.source }
  return { ...position, by: committed - mapEnd }
}
