import type { AlarmDefinition, CompositeAlarm, MetricAlarm } from './alarm-definition.ts'
import { alarmsOfRule, holds } from './alarm-rule.ts'
import { type AlarmState, judge, type Point } from './alarm-verdict.ts'
import { linesFor } from './metric-query.ts'
import type { MetricStore } from './metric-store.ts'

export interface AlarmChange {
  readonly alarm: string
  readonly atMs: number
  readonly from: AlarmState
  readonly to: AlarmState
}

export interface AlarmWatch {
  /** Lets the time pass, and gives every change of a state on the way, in order. */
  readonly through: (fromMs: number, toMs: number) => readonly AlarmChange[]
  readonly state: (alarm: string) => AlarmState
  readonly states: () => ReadonlyMap<string, AlarmState>
}

const MINUTE_MS = 60_000

/** A period below a minute is looked at every ten seconds, any other every minute, whatever its length. */
const everyMs = ({ periodMs }: MetricAlarm): number => (periodMs < MINUTE_MS ? 10_000 : MINUTE_MS)

/**
 * CloudWatch looks further back than the alarm asks for, to have real points where newer ones are missing. How far depends
 * on the period and the resolution, and is not told but for one example: 5 points for 3 periods. Hence two more.
 * An alarm of one period goes on seeing its last value for this long after the metric has stopped.
 */
const OLDER_POINTS = 2

/**
 * CloudWatch, as far as alarms are concerned. Periods slide: they end when the alarm is evaluated, not with the clock.
 * Metrics count as they are in the store, however late they came; what took minutes to arrive is not played. The alarms
 * are those of one region, since a composite alarm sees no others.
 */
export const createAlarmWatch = (
  alarms: readonly AlarmDefinition[],
  store: MetricStore,
  { olderPoints = OLDER_POINTS }: { readonly olderPoints?: number } = {},
): AlarmWatch => {
  const states = new Map<string, AlarmState>(alarms.map(({ name }) => [name, 'INSUFFICIENT_DATA']))
  const inOrder = withoutCircles(alarms)
  const state = (alarm: string): AlarmState => {
    const found = states.get(alarm)
    if (found === undefined) throw new Error(`there is no alarm ${alarm}, only ${[...states.keys()].join(', ')}`)
    return found
  }

  const changesAt = (atMs: number): AlarmChange[] =>
    inOrder.flatMap((alarm) => {
      const from = state(alarm.name)
      const to = alarm.kind === 'composite' ? ofRule(alarm, state) : ofMetric(alarm, store, atMs, olderPoints, from)
      states.set(alarm.name, to)
      return from === to ? [] : [{ alarm: alarm.name, atMs, from, to }]
    })

  const stepMs = Math.min(MINUTE_MS, ...alarms.map((alarm) => (alarm.kind === 'metric' ? everyMs(alarm) : MINUTE_MS)))
  const through = (fromMs: number, toMs: number): readonly AlarmChange[] => {
    const changes: AlarmChange[] = []
    for (let atMs = Math.ceil(fromMs / stepMs) * stepMs; atMs <= toMs; atMs += stepMs) changes.push(...changesAt(atMs))
    return changes
  }
  return { through, state, states: () => states }
}

/** A composite alarm is in ALARM or OK, and never without data itself. */
const ofRule = ({ rule }: CompositeAlarm, state: AlarmWatch['state']): AlarmState =>
  holds(rule, state) ? 'ALARM' : 'OK'

const ofMetric = (
  alarm: MetricAlarm,
  store: MetricStore,
  atMs: number,
  olderPoints: number,
  current: AlarmState,
): AlarmState =>
  atMs % everyMs(alarm) === 0 ? judge(pointsOf(alarm, store, atMs, olderPoints), alarm, current) : current

const pointsOf = (alarm: MetricAlarm, store: MetricStore, atMs: number, olderPoints: number): readonly Point[] => {
  const { name, periodMs, evaluationPeriods, queries, watched, threshold, isBreaching } = alarm
  const grid = { endMs: atMs, periodMs, count: evaluationPeriods + olderPoints }
  const lines = linesFor(watched, queries, store, grid)
  const [line] = lines
  if (line === undefined || lines.length > 1)
    throw new Error(`evaluating the alarm ${name}: ${lines.length} time series instead of one`)
  return line.values.map((value) => {
    if (value === undefined) return 'missing'
    return isBreaching(value, threshold) ? 'breaching' : 'within'
  })
}

/** Each composite alarm after those that its rule names, so that a change runs through all of them at once. */
const withoutCircles = (alarms: readonly AlarmDefinition[]): readonly AlarmDefinition[] => {
  const done = new Set<AlarmDefinition>(alarms.filter(({ kind }) => kind === 'metric'))
  const visit = (alarm: CompositeAlarm, within: readonly string[]): void => {
    if (within.includes(alarm.name)) throw new Error(`the alarm ${alarm.name} rests on itself`)
    for (const name of alarmsOfRule(alarm.rule)) {
      const named = alarms.find((each) => each.name === name)
      if (named === undefined)
        throw new Error(`the rule of the alarm ${alarm.name} names ${name}, which does not exist`)
      if (named.kind === 'composite' && !done.has(named)) visit(named, [...within, alarm.name])
    }
    done.add(alarm)
  }
  for (const alarm of alarms) if (alarm.kind === 'composite' && !done.has(alarm)) visit(alarm, [])
  return [...done]
}
