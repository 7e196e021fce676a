import type { LagLedger } from './lag-ports.ts'
import type { LogReader } from './log-ports.ts'
import type { Clock, Deadline, LinkState } from './ports.ts'
import type { SourceTopics } from './source-topics.ts'
import type { GroupSurveyDeps } from './survey-groups.ts'

/** A deadline that whoever started it ends. */
export interface StartedDeadline extends Deadline {
  end(): void
}

export interface LagDeps {
  readonly link: { readonly name: string }
  readonly source: Pick<LogReader, 'edges' | 'read'>
  readonly topics: Pick<SourceTopics, 'known'>
  readonly state: Pick<LinkState, 'read'>
  readonly ledger: LagLedger
  /** Absent: the link moves no groups. */
  readonly groups?: GroupSurveyDeps
  readonly clock: Clock
  /** A deadline so far from now, and never beyond this one. */
  readonly within: (ms: number, deadline: Deadline) => StartedDeadline
}
