import type { GroupSurveyDeps } from '../groups/survey-groups.ts'
import type { HeartbeatLedger } from '../heartbeat/heartbeat-ports.ts'
import type { LogReader } from '../log-ports.ts'
import type { Clock, Deadline, GapLedger, LinkState, OffsetMapPages, StartedDeadline } from '../ports.ts'
import type { SourceTopics } from '../topics/source-topics.ts'
import type { Census } from './census.ts'
import type { LagLedger } from './lag-ports.ts'

export interface LagDeps {
  readonly link: { readonly name: string }
  readonly source: Pick<LogReader, 'edges' | 'read'>
  readonly topics: Pick<SourceTopics, 'known' | 'doubt'>
  readonly state: Pick<LinkState, 'read'>
  readonly ledger: LagLedger
  /** What tells whether lives that are over are accounted for. */
  readonly map: Pick<GapLedger, 'gaps'> & Pick<OffsetMapPages, 'pageAtSource'>
  /** Of the gap ledger and the offset maps. */
  readonly census: Pick<Census, 'take'>
  /** What the link beat last. Absent: it does not beat. */
  readonly beats?: Pick<HeartbeatLedger, 'read'>
  /** Absent: the link moves no groups. */
  readonly groups?: GroupSurveyDeps
  readonly clock: Clock
  /** A deadline so far from now, and never beyond this one. */
  readonly within: (ms: number, deadline: Deadline) => StartedDeadline
}

/** So that time is left for the rest of a sample, and for the table, when a cluster does not answer. */
const SHARE = 0.6

/** A deadline for a part of what is to be done until `deadline`: after `mostMs`, or when most of the time is up. */
export const startPart = (
  mostMs: number,
  deadline: Deadline,
  { within, clock }: Pick<LagDeps, 'within' | 'clock'>,
): StartedDeadline => within(Math.min(mostMs, (deadline.at - clock.now()) * SHARE), deadline)
