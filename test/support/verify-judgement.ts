import type { Gap } from '../../shared/domain/head.ts'
import type { RangeReport } from '../../shared/usecases/verify/verify-ports.ts'
import type { SourceLife } from './source-life.ts'
import type { Expected, VerifiedTruth } from './verify-model.ts'

/** Of all looks that a verification took. */
export type TotalReport = Pick<RangeReport, 'from' | 'counts' | 'findings'>

/** Each look tells as many. */
const MOST_TOLD = 20

/** Where a report differs from what is true. */
export const judged = (report: TotalReport, expected: Expected, provenance: boolean): readonly string[] => [
  ...judgedCounts(report, expected, provenance ? 'native' : 'foreign'),
  ...judgedFindings(report, expected, provenance),
]

/** `strange`: what the link calls records of somebody else. */
const judgedCounts = ({ counts }: TotalReport, expected: Expected, strange: 'native' | 'foreign'): string[] => {
  const { duplicates, foreign, either } = expected.uncovered
  const all = duplicates.length + foreign.length + either.length
  return [
    ...unlike('the counts', shown({ ...counts, duplicates: 0, [strange]: 0 }), shown(expected.counts)),
    ...unlike('copies and foreign records', counts.duplicates + counts[strange], all),
    ...unlike('copies are no fewer than they are', counts.duplicates >= duplicates.length, true),
    ...unlike('foreign records are no fewer than they are', counts[strange] >= foreign.length, true),
  ]
}

const judgedFindings = ({ findings }: TotalReport, expected: Expected, provenance: boolean): string[] => {
  const { duplicates, foreign } = expected.uncovered
  const isAllTold = findings.length < MOST_TOLD
  const others = findings.filter(({ kind }) => kind !== 'foreign').map(shown)
  const wanted = expected.findings.map(shown).slice(0, isAllTold ? undefined : others.length)
  const strangers = findings.flatMap(({ kind, target }) => (kind === 'foreign' && target !== undefined ? [target] : []))
  const untold = isAllTold && !provenance ? foreign.filter((offset) => !strangers.includes(offset)) : []
  return [
    ...unlike('the findings', others.join(), wanted.join()),
    ...strangers.filter((offset) => duplicates.includes(offset)).map((offset) => `${offset} is foreign, and a copy`),
    ...untold.map((offset) => `${offset} is foreign, and not told`),
  ]
}

/** The map, the ledger and the report: no record that there ever was below the checkpoint is in none of them. */
export const unaccounted = (
  { life, nextSource }: VerifiedTruth,
  { from, findings }: TotalReport,
  gaps: readonly Gap[],
): readonly string[] => {
  const violations = gaps.flatMap((gap) => falseGap(life, gap))
  for (let at = life.start; at < Number(nextSource); at++) {
    const offset = BigInt(at)
    const isExplained = gaps.some((gap) => gap.from <= offset && offset < gap.to)
    if (!life.isRecord(at) || life.copies.has(offset) || life.looped.has(offset) || isExplained) continue
    const isTold = findings.some(({ kind, source }) => kind === 'unreplicated' && source === offset)
    const isTellable = findings.length < MOST_TOLD || offset < from
    if (!life.skipped.has(at)) violations.push(`source offset ${offset} came, and is in no run and in no gap`)
    else if (!isTold && isTellable) violations.push(`source offset ${offset} is accounted for by nobody`)
  }
  return violations
}

const falseGap = (life: SourceLife, { kind, from, to }: Gap): string[] => {
  const offsets = Array.from({ length: Number(to - from) }, (_, at) => Number(from) + at)
  const isFalse = (at: number): boolean =>
    (kind === 'lost' && at >= life.logStart) || (kind === 'quarantined' && life.slots[at] !== 'quarantined')
  return offsets.filter(isFalse).map((at) => `source offset ${at} is ${kind} to the ledger, and is not`)
}

const unlike = <Value extends string | number | boolean>(what: string, found: Value, wanted: Value): string[] =>
  found === wanted ? [] : [`${what}: ${found} instead of ${wanted}`]

/** Only what is not zero. */
const shown = (fields: object): string =>
  Object.entries(fields)
    .filter(([, value]) => value !== 0)
    .map(([name, value]) => `${name} ${value}`)
    .toSorted()
    .join(' ')
