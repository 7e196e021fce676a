import type { Gap, GapKind } from '../head.ts'
import { isReplicated, type Run, targetEnd } from '../run.ts'

/** What of a partition, a topic or a link never reached the target, in source offsets, and what is there besides. */
export interface Account extends Readonly<Record<GapKind, number>> {
  /** Records in quarantine that an operator put back; not among `quarantined`. */
  readonly replayed: number
  /** When the newest gap of its kind was found, milliseconds since 1970. */
  readonly lostAt?: number
  readonly quarantinedAt?: number
  /**
   * Target offsets between the first and the last replicated record that no run covers: copies, or foreign writes. Absent
   * where others write there by design: applications, or the markers of transactions.
   */
  readonly uncovered?: number
  /** Some offset map was too long to be read to its end so far: `looped` and `uncovered` may be more. */
  readonly atLeast?: true
}

export interface TopicAccount extends Account {
  readonly topic: string
}

/** By the gap ledger and the offset maps. */
export interface Accounts {
  /** When this was counted, milliseconds since 1970. */
  readonly at: number
  readonly link: Account
  /** Those of which there is something to tell, most first. */
  readonly topics: readonly TopicAccount[]
}

/** What a stretch of an offset map tells, so that one can be counted page by page. */
export interface MapCount {
  /** Where the replicated runs so far end on the target; absent: there was none. */
  readonly end?: bigint
  readonly uncovered: bigint
  readonly looped: bigint
}

export const NOTHING_COUNTED: MapCount = { uncovered: 0n, looped: 0n }

/** Further runs, in their order. */
export const countRuns = (before: MapCount, runs: readonly Run[]): MapCount => {
  let { end, uncovered, looped } = before
  for (const run of runs)
    if (isReplicated(run)) {
      uncovered += run.target - (end ?? run.target)
      end = targetEnd(run)
    } else looped += run.length
  return { ...(end !== undefined && { end }), uncovered, looped }
}

export interface CountedMap extends MapCount {
  readonly atLeast?: true
}

/** Of one partition. `isShared`: others than the link write to its replica by design. */
export const accountOf = (gaps: readonly Gap[], map: CountedMap, { isShared }: { isShared: boolean }): Account => {
  const [replayed, open] = [
    gaps.filter((gap) => gap.replayedAt !== undefined),
    gaps.filter(({ replayedAt }) => !replayedAt),
  ]
  const ofKind = (kind: GapKind): readonly Gap[] => open.filter((gap) => gap.kind === kind)
  const [lostAt, quarantinedAt] = [newest(ofKind('lost')), newest(ofKind('quarantined'))]
  return {
    lost: offsetsIn(ofKind('lost')),
    quarantined: offsetsIn(ofKind('quarantined')),
    filtered: offsetsIn(ofKind('filtered')),
    looped: offsetsIn(ofKind('looped')) + Number(map.looped),
    replayed: offsetsIn(replayed),
    ...(lostAt !== undefined && { lostAt }),
    ...(quarantinedAt !== undefined && { quarantinedAt }),
    ...(!isShared && { uncovered: Number(map.uncovered) }),
    ...(map.atLeast && { atLeast: true }),
  }
}

const newest = (gaps: readonly Gap[]): number | undefined =>
  gaps.length === 0 ? undefined : Math.max(...gaps.map(({ at }) => at))

/** Gaps of one life may overlap, when a batch was cut differently the second time. */
const offsetsIn = (gaps: readonly Gap[]): number => {
  let total = 0n
  for (const ofLife of Map.groupBy(gaps, ({ incarnation }) => incarnation).values()) {
    let counted = 0n
    for (const { from, to } of ofLife.toSorted((one, other) => Number(one.from - other.from))) {
      const begin = from > counted ? from : counted
      if (to <= begin) continue
      total += to - begin
      counted = to
    }
  }
  return Number(total)
}

/** As many as a person reads, and an item of the table holds. */
const MOST_TOPICS = 100

/** Of the whole link. */
export const accountsOf = (partitions: readonly TopicAccount[], at: number): Accounts => ({
  at,
  link: sumOf(partitions),
  topics: [...Map.groupBy(partitions, ({ topic }) => topic)]
    .map(([topic, ofTopic]) => ({ topic, ...sumOf(ofTopic) }))
    .filter((account) => weight(account) > 0)
    .sort((one, other) => weight(other) - weight(one))
    .slice(0, MOST_TOPICS),
})

const weight = ({ lost, quarantined, filtered, looped, replayed, uncovered = 0 }: Account): number =>
  lost + quarantined + filtered + looped + replayed + uncovered

const sumOf = (accounts: readonly Account[]): Account => {
  const total = (count: (account: Account) => number): number => accounts.reduce((sum, one) => sum + count(one), 0)
  const last = (times: readonly number[]): number | undefined => (times.length === 0 ? undefined : Math.max(...times))
  const lostAt = last(accounts.flatMap((one) => one.lostAt ?? []))
  const quarantinedAt = last(accounts.flatMap((one) => one.quarantinedAt ?? []))
  return {
    lost: total(({ lost }) => lost),
    quarantined: total(({ quarantined }) => quarantined),
    filtered: total(({ filtered }) => filtered),
    looped: total(({ looped }) => looped),
    replayed: total(({ replayed }) => replayed),
    ...(lostAt !== undefined && { lostAt }),
    ...(quarantinedAt !== undefined && { quarantinedAt }),
    ...(accounts.some(({ uncovered }) => uncovered !== undefined) && {
      uncovered: total(({ uncovered = 0 }) => uncovered),
    }),
    ...(accounts.some(({ atLeast }) => atLeast) && { atLeast: true }),
  }
}
