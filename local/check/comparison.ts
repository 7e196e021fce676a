import type { Gap } from '../../shared/domain/head.ts'
import { type Alignment, align, type OffsetRange } from './alignment.ts'
import type { Translate } from './map-truth.ts'
import type { PartitionLog } from './partition-log.ts'

/** All that is known of one replicated partition, from outside of the product. */
export interface PartitionEvidence {
  readonly source: PartitionLog
  readonly target: PartitionLog
  /** What the poller's consumer reads: records of aborted and undecided transactions too, or not. */
  readonly isolation: 'committed' | 'uncommitted'
  /** The gap ledger of the partition. */
  readonly gaps: readonly Pick<Gap, 'from' | 'to' | 'kind' | 'replayedAt'>[]
  /** Every delivery of the poller after the first one; a record may be there once more for each that covers it. */
  readonly redelivered: readonly OffsetRange[]
  /** Absent: the offset map is not judged. */
  readonly translate?: Translate
}

/** The two logs side by side. A record is named by its place among those that the target should hold. */
export interface Comparison extends Alignment {
  readonly source: PartitionLog
  readonly target: PartitionLog
  /** For each record where its first copy is on the target; undefined: nowhere. */
  readonly first: readonly (number | undefined)[]
  readonly last: readonly (number | undefined)[]
  /** All copies but the first one, of records that have more than one. */
  readonly again: ReadonlyMap<number, readonly number[]>
  /** Records that an operator put back out of their order. */
  readonly replayed: ReadonlySet<number>
}

export const compare = (evidence: PartitionEvidence): Comparison => {
  const { source, target, isolation, redelivered, gaps } = evidence
  const expected: number[] = []
  for (let at = 0; at < source.size; at++)
    if (isolation === 'uncommitted' || source.visibility(at) === 'committed') expected.push(at)
  const alignment = align(source, target, expected, redelivered)
  const replayedGaps = gaps.filter(({ replayedAt }) => replayedAt !== undefined)
  const replayed = new Set(replayedGaps.flatMap((gap) => recordsIn(source, expected, gap)))
  return { source, target, ...alignment, ...gatherCopies(alignment), replayed }
}

/** The records of a range of source offsets, by their place among the expected ones. */
export const recordsIn = (source: PartitionLog, expected: readonly number[], { from, to }: OffsetRange): number[] => {
  const [begin, end] = [source.positionOf(from), source.positionOf(to)]
  return begin === end ? [] : [...expected.keys()].filter((at) => isBetween(expected[at], begin, end))
}

const isBetween = (position: number | undefined, begin: number, end: number): boolean =>
  position !== undefined && position >= begin && position < end

const gatherCopies = ({ expected, copyOf }: Alignment): Pick<Comparison, 'first' | 'last' | 'again'> => {
  const first = expected.map((): number | undefined => undefined)
  const last = [...first]
  const again = new Map<number, number[]>()
  for (const [targetAt, at] of copyOf.entries()) {
    if (at === undefined) continue
    if (first[at] === undefined) first[at] = targetAt
    else again.set(at, [...(again.get(at) ?? []), targetAt])
    last[at] = targetAt
  }
  return { first, last, again }
}

/**
 * The records that stand before an earlier one. Duplicates may only come from going back and repeating all since: then
 * first copies ascend, and so do last copies. A repetition that breaks off before it caught up breaks that.
 */
export const outOfOrder = ({ first, last, replayed }: Comparison): number[] => {
  const late: number[] = []
  let highestFirst = -1
  let highestLast = -1
  for (const [at, firstCopy] of first.entries()) {
    const lastCopy = last[at]
    if (firstCopy === undefined || lastCopy === undefined || replayed.has(at)) continue
    if (firstCopy < highestFirst || lastCopy < highestLast) late.push(at)
    highestFirst = Math.max(highestFirst, firstCopy)
    highestLast = Math.max(highestLast, lastCopy)
  }
  return late
}
