import type { Gap, Head, Page } from '../head.ts'
import { extendRuns, seal } from '../offset-map.ts'
import { type Run, targetEnd } from '../run.ts'
import { closingPages } from '../topics/closed-head.ts'

/** Where a link begins that was stopped while its source was the standby. */
export interface Seed {
  /** The life of the topic that its source has. */
  readonly incarnation: string
  /** What lies below it on the source is there because the link the other way brought it. */
  readonly nextSource: bigint
  /** Where the log of its target ends. */
  readonly nextTarget: bigint
  readonly epoch: number
  /** Milliseconds since 1970. */
  readonly now: number
}

/** A head to write, after the pages that are not in it any more. */
export interface NextHead {
  readonly pages: readonly Page[]
  readonly head: Head
}

/**
 * The head that the link would have if it had read everything below the seed and found that it came from its target: one
 * looped run from where it stood. So the map of each link goes on accounting for every offset of its source, and positions
 * are translated by both maps as if both links had run all the while.
 *
 * Absent: it stands beyond the seed already, and goes on there.
 */
export const seededHead = (known: Head | undefined, seed: Seed): NextHead | undefined => {
  const { incarnation, nextSource, nextTarget, epoch, now } = seed
  const stamp = { incarnation, nextSource, last: undefined, epoch, updatedAt: now }
  if (known === undefined || known.incarnation !== incarnation) {
    const openRuns = withLoopedTo([], 0n, nextSource)
    const kept = known?.rewoundTo === undefined ? {} : { rewoundTo: known.rewoundTo }
    const pages = known === undefined ? [] : closingPages(known)
    return { pages, head: { ...stamp, nextTarget, openRuns, unverifiedFrom: undefined, ...kept } }
  }
  if (known.nextSource > nextSource) return undefined
  const { pages, openRuns } = seal(known)
  const end = known.nextTarget > nextTarget ? known.nextTarget : nextTarget
  const runs = withLoopedTo(openRuns, known.nextSource, nextSource)
  return { pages, head: { ...known, ...stamp, nextTarget: end, openRuns: runs } }
}

/** Where a link begins whose target was emptied, to be filled again from the beginning of its source. */
export interface RefillSeed extends Omit<Seed, 'nextSource'> {
  /** Where the log of its source begins. */
  readonly logStart: bigint
  /** Where that log ended before applications wrote to it: what came from the target lies below. */
  readonly refillBelow: bigint
}

/**
 * The head of a link that fills its target again. What its map told of was deleted there. Absent: it is that already, and may
 * have gone on since.
 */
export const refillHead = (known: Head | undefined, seed: RefillSeed): NextHead | undefined => {
  const { incarnation, logStart, refillBelow, nextTarget, epoch, now } = seed
  const lives = known?.incarnation === incarnation
  if (lives && known.epoch === epoch && known.refillBelow === refillBelow) return undefined
  const nothing = { openRuns: [], last: undefined, unverifiedFrom: undefined }
  const head = { incarnation, nextSource: logStart, nextTarget, ...nothing, refillBelow, epoch, updatedAt: now }
  return { pages: known === undefined || lives ? [] : closingPages(known), head }
}

/** The head of a link whose source was emptied: it knows nothing of what was there. Absent: it is that already. */
export const voidHead = (
  known: Head,
  { sourceEnd, epoch, now }: Omit<FinalEnd, 'drained' | 'execution'>,
): Head | undefined => {
  if (known.nextSource === sourceEnd && known.openRuns.length === 0) return undefined
  const { incarnation } = known
  const nothing = { openRuns: [], last: undefined, unverifiedFrom: undefined }
  return { incarnation, nextSource: sourceEnd, nextTarget: 0n, ...nothing, epoch, updatedAt: now }
}

const withLoopedTo = (openRuns: readonly Run[], from: bigint, to: bigint): readonly Run[] => {
  if (to <= from) return openRuns
  const before = openRuns.at(-1)
  const target = before === undefined ? 0n : targetEnd(before)
  return extendRuns(openRuns, [{ source: from, target, length: to - from, looped: true }])
}

/** Where the log of the old active cluster ended when nobody wrote to it any more. */
export interface FinalEnd {
  readonly sourceEnd: bigint
  /** Whether everything up to there was drained, so that what was not replicated are markers: else it is stranded. */
  readonly drained: boolean
  readonly execution: string
  readonly epoch: number
  readonly now: number
}

/**
 * The head of a link whose source is the standby from now on, at the end of what was written there: what the link the other
 * way appends behind it is no matter of this one. Absent: it stands there already.
 */
export const finalHead = (known: Head, end: FinalEnd): { readonly head: Head; readonly gap?: Gap } | undefined => {
  const { sourceEnd, drained, execution, epoch, now } = end
  const { nextSource, incarnation } = known
  if (nextSource >= sourceEnd) return undefined
  const head: Head = { ...known, nextSource: sourceEnd, epoch, updatedAt: now }
  if (drained) return { head: { ...head, unverifiedFrom: known.unverifiedFrom ?? nextSource } }
  const reason = `stranded: written to the old active cluster, and not replicated before the failover ${execution}`
  return { head, gap: { incarnation, from: nextSource, to: sourceEnd, kind: 'filtered', reason, at: now } }
}
