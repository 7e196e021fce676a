import type { Head, Page } from '../head.ts'
import { lastPages } from '../offset-map.ts'

/** What is left of a life of a topic that is over: its whole map, in pages. */
export const closingPages = ({ incarnation, openRuns, nextSource }: Head): readonly Page[] =>
  lastPages(incarnation, openRuns, nextSource)

/**
 * The head with which the next life of a topic begins, at its first offset: what its retention took before it was
 * replicated is found to be lost. Nothing of this life is on the target, wherever that one goes on: its topic may have been
 * removed and made anew along with the source's, and to begin at its first offset is no loss then.
 */
export const closedHead = (
  head: Head,
  incarnation: string,
  { epoch, now }: { readonly epoch: number; readonly now: number },
): Head => ({
  incarnation,
  nextSource: 0n,
  nextTarget: 0n,
  openRuns: [],
  last: undefined,
  unverifiedFrom: undefined,
  ...(head.rewoundTo === undefined ? {} : { rewoundTo: head.rewoundTo }),
  epoch,
  updatedAt: now,
})
