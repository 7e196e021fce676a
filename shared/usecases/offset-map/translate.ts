import type { Head, Page } from '../../domain/head.ts'
import type { PartitionId } from '../../domain/record.ts'
import { isReplicated, targetEnd } from '../../domain/run.ts'
import {
  type Position,
  type SourcePosition,
  settles,
  translate,
  translateBack,
  translateBackInPage,
  translateInPage,
} from '../../domain/translation.ts'
import type { Deadline, OffsetMapPages } from '../ports.ts'

/** The map of one partition: its head, as it was read, and where its pages are. */
export interface OffsetMap {
  /** As named on the source. */
  readonly partition: PartitionId
  readonly head: Head | undefined
  readonly pages: OffsetMapPages
}

/** A position that a group committed, and which life of the source topic it was committed in. */
export interface Committed {
  readonly incarnation: string
  readonly offset: bigint
}

/**
 * Where a group that committed on the source resumes on the target; at most two reads whatever the history, and one more
 * for each page of nothing but looped runs that lies behind the position.
 *
 * The head has to be read before the pages: a run leaves the head only when it is in a page, so that no run is missed.
 */
export const translateCommitted = async (
  map: OffsetMap,
  { incarnation, offset }: Committed,
  deadline: Deadline,
): Promise<Position> => {
  const { partition, head, pages } = map
  const oldestOpen = head?.openRuns.at(0)
  if (head?.incarnation !== incarnation || oldestOpen === undefined) return { kind: 'unmapped' }
  if (offset >= oldestOpen.source) return translate(head.openRuns, head.nextSource, offset)
  const page =
    (await pages.pageAtSource(partition, incarnation, offset, deadline)) ??
    (await pages.oldestPage(partition, incarnation, deadline))
  if (page === undefined) return translate(head.openRuns, head.nextSource, offset)
  return settles(page, offset) ? translateInPage(page, offset) : translateBehind(map, page, offset, deadline)
}

/** The first record to read lies behind the page. A page that is missing there is noticed, since it is read as the same one. */
const translateBehind = async (map: OffsetMap, page: Page, offset: bigint, deadline: Deadline): Promise<Position> => {
  const { incarnation, followedBy, runs } = page
  if (offset >= followedBy.source) return translateInPage(page, offset)
  const position = await translateCommitted(map, { incarnation, offset: followedBy.source }, deadline)
  const [{ source: start }] = runs
  if (offset >= start || position.kind !== 'exact') return position
  return { kind: 'before-start', target: position.target, missing: start - offset }
}

/** Where a group that committed `offset` on the target resumes on the source, in the newest incarnation. */
export const translateCommittedBack = async (
  { partition, head, pages }: OffsetMap,
  { incarnation, offset }: Committed,
  deadline: Deadline,
): Promise<SourcePosition> => {
  const newest = head?.openRuns.at(-1)
  const mapEnd = newest === undefined ? 0n : targetEnd(newest)
  if (head?.incarnation !== incarnation || mapEnd === 0n) return { kind: 'unmapped' }
  const oldestOpen = head.openRuns.find(isReplicated)
  if (oldestOpen !== undefined && offset > oldestOpen.target) return translateBack(head.openRuns, offset)
  const page = await pages.pageAtTarget(partition, incarnation, offset - 1n, deadline)
  if (page !== undefined) return translateBackInPage(page, offset, mapEnd)
  const oldest = await pages.oldestPage(partition, incarnation, deadline)
  return translateBack(oldest?.runs ?? head.openRuns, offset)
}
