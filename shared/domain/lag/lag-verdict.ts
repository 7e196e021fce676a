import type { Thresholds } from '../topology/topology.ts'
import type { LagReport } from './lag-report.ts'

export type LagThresholds = Pick<Thresholds, 'lagSeconds' | 'lagRecords' | 'timeToLossMs'>

/** What would raise an alarm. */
export type LagAlarm = 'lag-seconds' | 'lag-records' | 'time-to-loss' | 'source-unreachable' | 'not-measured'

/** The scheduled function takes six samples a minute; after so long something is wrong with it. */
const SILENT_MS = 180_000
/** Outlasts the restart of a broker, and a sample that got lost. */
const UNREACHABLE_MS = 60_000

export const alarmsIn = (
  report: LagReport,
  { lagSeconds, lagRecords, timeToLossMs }: LagThresholds,
): readonly LagAlarm[] => {
  const { at, lag, sourceUnreachableSince, rememberedAt } = report
  const raised: Readonly<Record<LagAlarm, boolean>> = {
    'lag-seconds': lag.lagMs > lagSeconds * 1_000,
    'lag-records': lagRecords !== undefined && lag.records > lagRecords,
    'time-to-loss': lag.timeToLossMs !== undefined && lag.timeToLossMs < timeToLossMs,
    'source-unreachable': sourceUnreachableSince !== undefined && at - sourceUnreachableSince >= UNREACHABLE_MS,
    'not-measured': rememberedAt === undefined || at - rememberedAt > SILENT_MS,
  }
  return (Object.keys(raised) as LagAlarm[]).filter((alarm) => raised[alarm])
}
