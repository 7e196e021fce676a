import type { Plain } from '../shared/domain/plain.ts'
import type { PartitionId } from '../shared/domain/record.ts'
import {
  differencesIn,
  type Finding,
  TROUBLES,
  VERIFY_COUNTS,
  type VerifyCount,
  type VerifyCounts,
} from '../shared/domain/verify/verify-report.ts'
import { table } from './terminal.ts'

/** What a whole verification found. */
export interface Verification {
  readonly ranges: number
  readonly counts: VerifyCounts
  readonly findings: readonly (Plain<Finding> & PartitionId)[]
  /** Partitions of which the rest cannot be told yet. */
  readonly held: readonly string[]
  readonly troubles: readonly string[]
}

/** Whether somebody has to look. */
export const isSound = ({ counts, troubles }: Verification): boolean =>
  differencesIn(counts) === 0 && troubles.length === 0

const numbers = new Intl.NumberFormat('en-US')
const counted = (count: number, what: string): string => `${numbers.format(count)} ${what}${count === 1 ? '' : 's'}`

/** Coordinates and counts; what is in records is never printed. */
export const describeVerification = (link: string, verification: Verification): string => {
  const { counts, findings, held, troubles } = verification
  const differences = differencesIn(counts)
  return [
    `${link}: ${differences === 0 ? 'no difference' : counted(differences, 'difference')}, ${counted(counts.verified, 'record')} the same on both sides`,
    ...part('', countRows(counts)),
    ...part(findings.length < differences ? 'the first differences' : 'differences', findingRows(findings)),
    ...lines('a transaction is open, so that nobody can tell the rest of', held),
    ...lines('could not be verified', troubles),
  ].join('\n\n')
}

const part = (title: string, rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length === 0 ? [] : [`${title === '' ? '' : `${title}\n`}${table(rows)}`]

const lines = (title: string, items: readonly string[]): readonly string[] =>
  items.length === 0 ? [] : [`${title}\n${items.join('\n')}`]

/** Those that are not zero, trouble first. */
const countRows = (counts: VerifyCounts): readonly (readonly string[])[] => {
  const names = Object.keys(VERIFY_COUNTS) as VerifyCount[]
  return names
    .filter((name) => name !== 'verified' && counts[name] > 0)
    .map((name) => [name, numbers.format(counts[name]), VERIFY_COUNTS[name]])
}

const findingRows = (findings: Verification['findings']): readonly (readonly string[])[] => {
  if (findings.length === 0) return []
  const worstFirst = TROUBLES.flatMap((kind) => findings.filter((finding) => finding.kind === kind))
  return [
    ['topic', 'partition', 'difference', 'source offset', 'target offset', 'field'],
    ...worstFirst.map(({ topic, partition, kind, source = '', target = '', to, field = '' }) => [
      topic,
      `${partition}`,
      kind,
      to === undefined ? source : `${source} to ${BigInt(to) - 1n}`,
      target,
      field,
    ]),
  ]
}
