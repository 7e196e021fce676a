import type { AnyStep, StepRecord } from './failover-step.ts'

/** A stretch of a failover: a step, or the wait for a person that followed it. */
export interface TimelineBar {
  readonly step: AnyStep
  readonly attempt: number
  readonly outcome: StepRecord['outcome']
  readonly message: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly endedAt: number
  readonly calls: number
  /** A person was waited for. */
  readonly waits: boolean
}

/** All durations; absent: it did not come to that. */
export interface ReportTimes {
  readonly totalMs: number
  /** From the start until clients are pointed to the new active cluster: the recovery time. */
  readonly rtoMs?: number
  /** Of that, what the machine itself took: without people, and without the drain. */
  readonly ownMs?: number
  /** From the fence until the promotion: nobody may write on either side. */
  readonly unwritableMs?: number
  readonly waitedForPeopleMs: number
  readonly drainMs: number
}

const ASKS: readonly AnyStep[] = ['approve', 'hold']

/** In the order in which they began, up to the report itself. A question lasts until whatever came after it. */
export const timelineOf = (records: readonly StepRecord[]): readonly TimelineBar[] => {
  const told = records.filter(({ step }) => step !== 'report' && step !== 'release')
  const sorted = told.sort((one, other) => one.startedAt - other.startedAt || one.endedAt - other.endedAt)
  return sorted.map(({ step, attempt, outcome, message, startedAt, endedAt, calls }, at) => {
    const waits = ASKS.includes(step)
    const next = sorted.slice(at + 1).find((later) => later.startedAt >= endedAt)
    const until = waits && next !== undefined ? next.startedAt : endedAt
    return { step, attempt, outcome, message, startedAt, endedAt: until, calls, waits }
  })
}

export const reportTimes = (startedAt: number, bars: readonly TimelineBar[]): ReportTimes => {
  const { fence, promote, switch: switched } = latestDone(bars)
  const until = switched?.endedAt
  const within = (bar: TimelineBar): boolean => until !== undefined && bar.endedAt <= until
  const waits = bars.filter(({ waits: waited }) => waited)
  const drains = bars.filter(({ step }) => step === 'drain')
  const notOwn = lasting([...waits, ...drains].filter(within))
  return {
    totalMs: Math.max(startedAt, ...bars.map(({ endedAt }) => endedAt)) - startedAt,
    ...(until !== undefined && { rtoMs: until - startedAt, ownMs: until - startedAt - notOwn }),
    ...(fence && promote && { unwritableMs: promote.endedAt - fence.startedAt }),
    waitedForPeopleMs: lasting(waits),
    drainMs: lasting(drains),
  }
}

const latestDone = (bars: readonly TimelineBar[]): Partial<Record<AnyStep, TimelineBar>> =>
  Object.fromEntries(bars.filter(({ outcome }) => outcome === 'done').map((bar) => [bar.step, bar]))

const lasting = (bars: readonly TimelineBar[]): number =>
  bars.reduce((total, { startedAt, endedAt }) => total + endedAt - startedAt, 0)
