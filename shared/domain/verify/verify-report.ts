import type { RecordField } from './record-digest.ts'

/** What each count means; the first six are trouble. */
export const VERIFY_COUNTS = {
  different: 'records that are not the same on both sides',
  missing: 'records that the offset map says are on the target, and are not',
  unreplicated: 'records of the source that no run covers and no entry of the gap ledger explains',
  lost: 'source offsets that retention took before anybody could tell whether records were in them; now in the ledger',
  foreign: 'records on the target that no run covers and that resemble no record of the source',
  misplaced: 'records on the target where the offset map has none of the source',
  verified: 'records that are the same on both sides',
  duplicates: 'copies on the target that no run covers: batches that were appended twice, or are being appended now',
  replayed: 'records on the target that an operator put back from quarantine',
  native: 'records on the target that its own applications wrote, or another link; told of links with provenance',
  looped: 'source offsets that came from the target',
  gaps: 'source offsets that the gap ledger explains',
  aborted: 'records of aborted transactions',
  compacted: 'offsets that compaction emptied on one side or on both',
  trimmed: 'source offsets whose record is gone on one side, since retention took it after it was replicated',
  undecided: 'records of which nobody can tell: not on a compacted target, or copies of what is gone from the source',
} as const

export type VerifyCount = keyof typeof VERIFY_COUNTS
export type VerifyCounts = Record<VerifyCount, number>

export const TROUBLES = ['different', 'missing', 'unreplicated', 'lost', 'foreign', 'misplaced'] as const

/** One piece of trouble and where it is; `to` is exclusive, where several offsets are meant. */
export interface Finding {
  readonly kind: (typeof TROUBLES)[number]
  readonly source?: bigint
  readonly target?: bigint
  readonly to?: bigint
  readonly field?: RecordField
}

export const noCounts = (): VerifyCounts => ({
  different: 0,
  missing: 0,
  unreplicated: 0,
  lost: 0,
  foreign: 0,
  misplaced: 0,
  verified: 0,
  duplicates: 0,
  replayed: 0,
  native: 0,
  looped: 0,
  gaps: 0,
  aborted: 0,
  compacted: 0,
  trimmed: 0,
  undecided: 0,
})

export const addCounts = (one: VerifyCounts, other: VerifyCounts): VerifyCounts => {
  const sum = noCounts()
  for (const name of Object.keys(sum) as VerifyCount[]) sum[name] = one[name] + other[name]
  return sum
}

export const differencesIn = (counts: VerifyCounts): number => TROUBLES.reduce((sum, kind) => sum + counts[kind], 0)
