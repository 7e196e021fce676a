/**
 * The end of a log rose to `end`: `by` the time of the look that found it there, `after` the time of the look before. Absent:
 * nobody had looked before, so that it may have been there for long. Milliseconds since 1970.
 */
export interface Rise {
  readonly end: bigint
  readonly by: number
  readonly after?: number
}

/** Where the log ended when somebody looked. */
export interface EndSeen {
  readonly at: number
  readonly end: bigint
}

/** Since when something waits. `atLeast`: it may be for longer. */
export interface Waiting {
  readonly since: number
  readonly atLeast?: true
}

/** How many of the newest rises are kept as they are: an hour of looks, ten seconds apart. */
const EXACT = 360
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** The rises after one more look. A log that ends earlier than before is another one, or lost records: its past tells nothing. */
export const withLook = (
  rises: readonly Rise[],
  before: EndSeen | undefined,
  { at, end }: EndSeen,
): readonly Rise[] => {
  if (before === undefined || end < before.end) return end > 0n ? [{ end, by: at }] : []
  return end === before.end ? rises : [...rises, { end, by: at, after: before.at }]
}

/** Since when the record at `offset` is in the log; at most the time between two looks too long. Absent: nobody saw it. */
export const waitingSince = (rises: readonly Rise[], offset: bigint): Waiting | undefined => {
  const rise = rises.find(({ end }) => end > offset)
  if (rise === undefined) return undefined
  return rise.after === undefined ? { since: rise.by, atLeast: true } : { since: rise.after }
}

/** Without those that matter no more, once nothing below `offset` waits. */
export const withoutPast = (rises: readonly Rise[], offset: bigint): readonly Rise[] =>
  rises.filter(({ end }) => end > offset)

/**
 * With what waits again although it was replicated, and whose past was forgotten for that up to `seen.end`: it was there
 * before the log rose any further, or else when somebody looked now.
 */
export const withReturned = (rises: readonly Rise[], seen: EndSeen): readonly Rise[] => {
  const [next] = rises
  if (next === undefined) return [{ end: seen.end, by: seen.at }]
  if (next.after === undefined) return rises
  return [{ end: seen.end < next.end ? seen.end : next.end, by: next.after }, ...rises]
}

/**
 * At most `most` rises (at least 4). The newest are left as they are; older ones are put together, one a minute, after a day
 * one in ten minutes, and more of them when that is not enough. A record then seems to wait for longer than it does, never
 * for less; the oldest of all stays exact.
 */
export const thinned = (rises: readonly Rise[], now: number, most: number): readonly Rise[] => {
  const old = rises.slice(0, Math.max(0, rises.length - EXACT))
  const byTime = [...inBuckets(old, now), ...rises.slice(old.length)]
  if (byTime.length <= most) return byTime
  const kept = Math.floor(most / 2)
  const older = byTime.slice(0, byTime.length - kept)
  return [...inGroups(older, Math.ceil((older.length - 1) / (most - kept - 1))), ...byTime.slice(older.length)]
}

const inBuckets = ([first, ...others]: readonly Rise[], now: number): readonly Rise[] => {
  if (first === undefined) return []
  const bucketOf = ({ by }: Rise): string => {
    const widthMs = now - by > DAY_MS ? 10 * MINUTE_MS : MINUTE_MS
    return `${widthMs} ${Math.floor(by / widthMs)}`
  }
  return [first, ...[...Map.groupBy(others, bucketOf).values()].map(merged)]
}

const inGroups = ([first, ...others]: readonly Rise[], size: number): readonly Rise[] => {
  const groups = [...Map.groupBy(others.keys(), (at) => Math.floor(at / size)).values()]
  const ofGroups = groups.map((group) => merged(group.flatMap((at) => others[at] ?? [])))
  return first === undefined ? ofGroups : [first, ...ofGroups]
}

const merged = (rises: readonly Rise[]): Rise => {
  const [first, last] = [rises.at(0), rises.at(-1)]
  if (first === undefined || last === undefined) throw new RangeError('no rises to put together')
  const { after = first.by } = first
  return { end: last.end, by: last.by, after }
}
