import type { Link, Thresholds } from '../topology/topology.ts'
import type { LagReport } from './lag-report.ts'

/** What of a link says when it alarms. */
export interface LagLimits extends Pick<Link, 'heartbeats'> {
  readonly thresholds: Pick<Thresholds, 'lagSeconds' | 'lagRecords' | 'timeToLossMs'>
}

/** What would raise an alarm; named as the alarms are. */
export type LagAlarm =
  | 'lag-seconds'
  | 'lag-records'
  | 'time-to-loss'
  | 'heartbeat-age'
  | 'source-unreachable'
  | 'not-measured'

/** The scheduled function takes six samples a minute; after so long something is wrong with it. */
const SILENT_MS = 180_000
/** Outlasts the restart of a broker, and a sample that got lost. */
const UNREACHABLE_MS = 60_000
/** What is on its way is in no danger: a topic may well keep its records for less than the threshold. */
const ON_ITS_WAY_MS = 60_000
/** Outlasts the restart of a broker; beats come every second. */
const OLDEST_BEAT_MS = 120_000

/** As of one sample: the alarms themselves may wait for some minutes of it. A link that beats and has no beat alarms. */
export const alarmsIn = (report: LagReport, { thresholds, heartbeats }: LagLimits): readonly LagAlarm[] => {
  const { lagSeconds, lagRecords, timeToLossMs } = thresholds
  const { at, lag, sourceUnreachableSince, rememberedAt, heartbeatAgeMs = Number.POSITIVE_INFINITY } = report
  const isEndangered = lag.timeToLossMs !== undefined && lag.timeToLossMs < timeToLossMs
  const raised: Readonly<Record<LagAlarm, boolean>> = {
    'lag-seconds': lag.lagMs >= lagSeconds * 1_000,
    'lag-records': lagRecords !== undefined && lag.records >= lagRecords,
    'time-to-loss': isEndangered && lag.lagMs >= ON_ITS_WAY_MS,
    'heartbeat-age': heartbeats && heartbeatAgeMs >= OLDEST_BEAT_MS,
    'source-unreachable': sourceUnreachableSince !== undefined && at - sourceUnreachableSince >= UNREACHABLE_MS,
    'not-measured': rememberedAt === undefined || at - rememberedAt > SILENT_MS,
  }
  return (Object.keys(raised) as LagAlarm[]).filter((alarm) => raised[alarm])
}
