import type { Checked } from '../../check/replication-check.ts'
import { describeOffence, type Verdict } from '../../check/verdict.ts'
import type { Figures, Stage } from './scenario.ts'

export const none = (stage: Stage, name: string, measured: number): void =>
  stage.check(name, { held: measured === 0, measured, expected: 0 })

/** What must be so of every record of every link, when nothing was broken on purpose. */
export const judgeRecords = (stage: Stage, verdict: Verdict): void => {
  none(stage, 'records lost', verdict.lost)
  none(stage, 'records altered in any byte', verdict.altered)
  none(stage, 'records out of order', verdict.reordered)
  none(stage, 'records that are not on the source', verdict.phantom)
  none(stage, 'records that are there more than once', verdict.duplicates.explained + verdict.duplicates.unexplained)
  none(stage, 'source offsets that translate to a wrong place', verdict.mapErrors)
  none(stage, 'gaps in the ledger', verdict.gaps)
  for (const offence of verdict.firstOffences) stage.steps.line(`  ${describeOffence(offence)}`)
}

export const recordFigures = (verdict: Verdict | Checked): Figures => ({
  records: verdict.records,
  lost: verdict.lost,
  altered: verdict.altered,
  reordered: verdict.reordered,
  duplicates: verdict.duplicates,
  phantom: verdict.phantom,
  mapErrors: verdict.mapErrors,
  gaps: verdict.gaps,
  ...(verdict.firstOffences.length > 0 && { offences: verdict.firstOffences.map(describeOffence) }),
})
