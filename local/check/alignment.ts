import type { Field, PartitionLog } from './partition-log.ts'

/** Source offsets `from` (inclusive) to `to` (exclusive). */
export interface OffsetRange {
  readonly from: bigint
  readonly to: bigint
}

/** Which source record each target record is a copy of, found by content and order alone. */
export interface Alignment {
  /** Positions in the source log, ascending, of the records that the target should hold. */
  readonly expected: readonly number[]
  /** For each target record the position in `expected` that it is a copy of; undefined: of none. */
  readonly copyOf: readonly (number | undefined)[]
  /** Target records that are copies of a record but for these fields. */
  readonly altered: ReadonlyMap<number, readonly Field[]>
}

/** How many records are compared to tell candidates with equal content apart. */
const LOOKAHEAD = 32
const MOST_CANDIDATES = 64

/**
 * Walks both logs in step. Where the target does not go on with the record that comes next, it was set back (a batch came
 * again), or records are missing: then it goes on at the candidate whose followers agree longest. Among equals (records
 * that have the same bytes) the beginning of a recorded redelivery is likelier, then what is nearest.
 */
export const align = (
  source: PartitionLog,
  target: PartitionLog,
  expected: readonly number[],
  redelivered: readonly OffsetRange[],
): Alignment => {
  const same = (at: number, targetAt: number): boolean => {
    const position = expected[at]
    return position !== undefined && targetAt < target.size && source.equals(position, target, targetAt)
  }
  const candidatesOf = indexByContent(source, expected)
  const likely = beginnings(source, expected, redelivered)
  const copyOf: (number | undefined)[] = []
  let next = 0
  for (let targetAt = 0; targetAt < target.size; targetAt++) {
    const copied = same(next, targetAt)
      ? next
      : best(candidatesOf(target.identity(targetAt)), next, likely, (at) => agreement(same, at, targetAt))
    copyOf.push(copied)
    if (copied !== undefined) next = copied + 1
  }
  return { expected, ...recognizeAltered(source, target, expected, copyOf) }
}

/** A record that is nobody's copy, and stands where one is missing that has its key or its value, is that one, altered. */
const recognizeAltered = (
  source: PartitionLog,
  target: PartitionLog,
  expected: readonly number[],
  found: readonly (number | undefined)[],
): Pick<Alignment, 'copyOf' | 'altered'> => {
  if (!found.includes(undefined)) return { copyOf: found, altered: new Map() }
  const copied = new Set(found)
  const copyOf = [...found]
  const altered = new Map<number, readonly Field[]>()
  for (const [targetAt, copy] of found.entries()) {
    const next = targetAt === 0 ? 0 : (copyOf[targetAt - 1] ?? -1) + 1
    const position = expected[next]
    if (copy !== undefined || position === undefined || copied.has(next)) continue
    const differences = source.differences(position, target, targetAt)
    if (differences.includes('key') && differences.includes('value')) continue
    copyOf[targetAt] = next
    copied.add(next)
    altered.set(targetAt, differences)
  }
  return { copyOf, altered }
}

/** Built at the first disagreement; most partitions never need it. */
const indexByContent = (source: PartitionLog, expected: readonly number[]) => {
  let index: Map<string, number[]> | undefined
  return (identity: string): readonly number[] => {
    index ??= Map.groupBy(expected.keys(), (at) => source.identity(expected[at] ?? 0))
    return index.get(identity) ?? []
  }
}

const beginnings = (
  source: PartitionLog,
  expected: readonly number[],
  redelivered: readonly OffsetRange[],
): ReadonlySet<number> => {
  const starts = new Set(redelivered.map(({ from }) => source.positionOf(from)))
  return new Set(starts.size === 0 ? [] : [...expected.keys()].filter((at) => starts.has(expected[at] ?? 0)))
}

const agreement = (same: (at: number, targetAt: number) => boolean, at: number, targetAt: number): number => {
  let length = 1
  while (length < LOOKAHEAD && same(at + length, targetAt + length)) length++
  return length
}

const best = (
  candidates: readonly number[],
  next: number,
  likely: ReadonlySet<number>,
  agreementOf: (at: number) => number,
): number | undefined => {
  const distance = (at: number): number => Math.abs(at - next)
  const few =
    candidates.length <= MOST_CANDIDATES
      ? candidates
      : candidates
          .toSorted((a, b) => Number(likely.has(b)) - Number(likely.has(a)) || distance(a) - distance(b))
          .slice(0, MOST_CANDIDATES)
  const ranked = few.map((at) => ({ at, agreement: agreementOf(at), likely: Number(likely.has(at)) }))
  ranked.sort((a, b) => b.agreement - a.agreement || b.likely - a.likely || distance(a.at) - distance(b.at))
  return ranked[0]?.at
}
