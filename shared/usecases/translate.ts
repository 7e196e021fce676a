import type { Head } from '../domain/head.ts'
import type { PartitionId } from '../domain/record.ts'
import {
  type Position,
  type SourcePosition,
  translate,
  translateBack,
  translateBackInPage,
  translateInPage,
} from '../domain/translation.ts'
import type { Deadline, OffsetMapPages } from './ports.ts'

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
 * Where a group that committed on the source resumes on the target; at most two reads whatever the history.
 *
 * The head has to be read before the pages: a run leaves the head only when it is in a page, so that no run is missed.
 */
export const translateCommitted = async (
  { partition, head, pages }: OffsetMap,
  { incarnation, offset }: Committed,
  deadline: Deadline,
): Promise<Position> => {
  const oldestOpen = head?.openRuns.at(0)
  if (head?.incarnation !== incarnation || oldestOpen === undefined) return { kind: 'unmapped' }
  if (offset >= oldestOpen.source) return translate(head.openRuns, head.nextSource, offset)
  const page = await pages.pageAtSource(partition, incarnation, offset, deadline)
  if (page !== undefined) return translateInPage(page, offset)
  const oldest = await pages.oldestPage(partition, incarnation, deadline)
  return translate(oldest?.runs ?? head.openRuns, head.nextSource, offset)
}

/** Where a group that committed `offset` on the target resumes on the source, in the newest incarnation. */
export const translateCommittedBack = async (
  { partition, head, pages }: OffsetMap,
  { incarnation, offset }: Committed,
  deadline: Deadline,
): Promise<SourcePosition> => {
  const oldestOpen = head?.openRuns.at(0)
  if (head?.incarnation !== incarnation || oldestOpen === undefined) return { kind: 'unmapped' }
  if (offset > oldestOpen.target) return translateBack(head.openRuns, offset)
  const page = await pages.pageAtTarget(partition, incarnation, offset - 1n, deadline)
  if (page !== undefined) return translateBackInPage(page, offset)
  const oldest = await pages.oldestPage(partition, incarnation, deadline)
  return translateBack(oldest?.runs ?? head.openRuns, offset)
}
