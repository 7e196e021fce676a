import type { FailoverInput } from './failover-input.ts'
import type { StepRecord } from './failover-step.ts'
import type { PreflightReport } from './preflight-report.ts'
import { isPreflight, type ReportFacts, recordOf } from './report-facts.ts'
import { type ReportGroups, reportGroups } from './report-groups.ts'
import { type ReportLoss, reportLoss } from './report-loss.ts'
import { type ReportTimes, reportTimes, type TimelineBar, timelineOf } from './report-times.ts'
import { type NextCommand, wayBack } from './report-way-back.ts'

/** A preflight as it was made; the last one is what was acted on. */
export interface ReportPreflight {
  readonly attempt: number
  readonly hash: string
  readonly report: PreflightReport
}

/** How a failover went: plain JSON, the same whenever it is made of the same ledger. */
export interface FailoverReport
  extends Pick<
    ReportFacts,
    'installation' | 'pair' | 'from' | 'to' | 'execution' | 'ending' | 'stoppedAt' | 'decisions' | 'troubles'
  > {
  readonly version: 1
  readonly input: FailoverInput
  /** With which the target was promoted, or was to be. */
  readonly epoch?: number
  readonly endedAt: number
  readonly timeline: readonly TimelineBar[]
  readonly times: ReportTimes
  readonly loss: ReportLoss
  readonly groups: ReportGroups
  readonly preflights: readonly ReportPreflight[]
  /** For whoever wants to undo it, or to go on. */
  readonly next: readonly NextCommand[]
}

/** Pure; what the ledger does not tell is absent. */
export const failoverReport = (facts: ReportFacts): FailoverReport => {
  const { installation, pair, from, to, execution, ending, stoppedAt, decisions, troubles, input } = facts
  const bars = timelineOf(facts.records)
  const preflights = preflightsIn(facts.records)
  const epoch = recordOf(facts.records, 'lock')?.data['epoch']
  const report = { installation, pair, from, to, execution, ending, decisions, troubles, input }
  return {
    version: 1,
    ...report,
    ...(stoppedAt && { stoppedAt }),
    ...(typeof epoch === 'number' && { epoch }),
    endedAt: bars.at(-1)?.endedAt ?? execution.startedAt,
    timeline: bars,
    times: reportTimes(execution.startedAt, bars),
    loss: reportLoss(facts, preflights.at(-1)?.report),
    groups: reportGroups(facts, preflights.at(-1)?.report),
    preflights,
    next: wayBack(facts),
  }
}

const preflightsIn = (records: readonly StepRecord[]): readonly ReportPreflight[] =>
  records
    .filter(({ step }) => step === 'preflight')
    .sort((one, other) => one.attempt - other.attempt)
    .flatMap(({ attempt, data: { hash, report } }) =>
      typeof hash === 'string' && isPreflight(report) ? [{ attempt, hash, report }] : [],
    )
