import type { Verdict } from '../../local/check/verdict.ts'

/** The verdict over a replication of which nothing is to be said, but for the number of its records. */
export const FLAWLESS: Omit<Verdict, 'records'> = {
  lost: 0,
  altered: 0,
  reordered: 0,
  duplicates: { explained: 0, unexplained: 0 },
  phantom: 0,
  aborted: 0,
  mapErrors: 0,
  mapRereads: 0,
  gaps: 0,
  falseGaps: 0,
  firstOffences: [],
}

/** As flawless, but that batches which were delivered again may be there again, and be read again. */
export const flawlessButForCopies = ({ duplicates, mapRereads }: Verdict): Omit<Verdict, 'records'> => ({
  ...FLAWLESS,
  duplicates: { explained: duplicates.explained, unexplained: 0 },
  mapRereads,
})
