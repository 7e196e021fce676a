import { describe, expect, it } from 'vitest'
import type { Template } from '../../local/aws/assembly.ts'
import { alarmsIn, type MetricAlarm, metricsWatched } from '../../local/cloudwatch/alarm-definition.ts'
import { createAlarmWatch } from '../../local/cloudwatch/alarm-watch.ts'
import type { DataPoint, Metric } from '../../local/cloudwatch/metric.ts'
import { createMetricStore } from '../../local/cloudwatch/metric-store.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { ALARM_METRICS } from '../support/readme-tables.ts'
import { withLink } from '../unit/shared/domain/topology/topology-example.ts'
import { synthesise } from './synthesised.ts'

/** What a metric has in every minute, by its name; none where it is left out. */
type Values = Readonly<Record<string, number>>

interface Course {
  readonly bad: Values
  readonly good: Values
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const of = (metric: string, bad: number, good = 0): Course => ({ bad: { [metric]: bad }, good: { [metric]: good } })
/** No value is the bad one. */
const silent = (metric: string): Course => ({ bad: {}, good: { [metric]: 1 } })

/** The least that is wrong, and the most that is not. */
const COURSES: Readonly<Record<string, Course>> = {
  'function-errors': of('Errors', 3, 2),
  throttles: of('Throttles', 1),
  standstill: of('StandstillSeconds', 300, 299),
  'lost-records': of('LostRecords', 1),
  'quarantined-records': of('QuarantinedRecords', 1),
  'refused-records': of('RefusedRecords', 1),
  duplicates: {
    bad: { UnmappedTargetRecords: 50, ReplicatedRecords: 950 },
    good: { UnmappedTargetRecords: 49, ReplicatedRecords: 951 },
  },
  'faulted-topics': of('FaultedTopics', 1),
  'mappings-off': of('MappingsOff', 1),
  'topic-drift': of('TopicDrift', 1),
  'topic-sync-errors': of('Errors', 3, 2),
  'topic-sync-throttles': of('Throttles', 3, 2),
  'topic-sync-absent': silent('Invocations'),
  'faulted-groups': of('GroupsFaulted', 1),
  'group-sync-errors': of('Errors', 3, 2),
  'group-sync-throttles': of('Throttles', 3, 2),
  'group-sync-absent': silent('Invocations'),
  'faulted-access': of('AccessFaulted', 1),
  'acl-drift': of('AclDrift', 1),
  'access-sync-errors': of('Errors', 3, 2),
  'access-sync-throttles': of('Throttles', 3, 2),
  'access-sync-absent': silent('Invocations'),
  differences: of('VerifyDifferences', 1),
  'verify-errors': of('Errors', 3, 2),
  'verify-throttles': of('Throttles', 3, 2),
  'verify-absent': silent('Invocations'),
  'lag-seconds': of('LagSeconds', 300, 299),
  'time-to-loss': {
    bad: { LagSeconds: 60, TimeToLossSeconds: 21_599 },
    good: { LagSeconds: 59, TimeToLossSeconds: 21_599 },
  },
  'lag-records': of('LagRecords', 7, 6),
  'gone-records': of('GoneRecords', 1),
  'unmeasured-partitions': of('UnmeasuredPartitions', 1),
  'source-unreachable': of('SourceUnreachableSeconds', 60, 59),
  'not-measured': silent('LagSeconds'),
  'measure-lag-errors': of('Errors', 3, 2),
  'source-racks': of('UnsafePartitions', 1),
  'target-racks': of('UnsafePartitions', 1),
  'heartbeat-age': of('HeartbeatAgeSeconds', 120, 119),
  'heartbeat-absent': silent('HeartbeatsSent'),
}

const NEEDS_VALUES = [
  'topic-sync-absent',
  'group-sync-absent',
  'access-sync-absent',
  'verify-absent',
  'not-measured',
  'heartbeat-age',
  'heartbeat-absent',
]

const input = withLink({
  access: { principals: { 'User:a': 'User:a' } },
  thresholds: { lagRecords: 7 },
  heartbeats: true,
})
const stacks = [...synthesise(defineTopology(input)).values()].filter(({ region }) => region === 'eu-west-1')
const alarms = stacks.flatMap(({ template }) => alarmsIn(template.toJSON() as Template))
const metricAlarms = alarms.flatMap((alarm) => (alarm.kind === 'metric' ? alarm : []))
const shortName = (name: string): string => name.replace('twinshore-west-east-', '')

/** As long as the alarm looks back, and then some, so that what was before no longer counts. */
const longEnough = ({ evaluationPeriods }: MetricAlarm): number => evaluationPeriods + 3

/** One alarm and what is fed to it: how it stands after so many periods, each of which has these values once. */
const watched = (alarm: MetricAlarm) => {
  const store = createMetricStore()
  const watch = createAlarmWatch([alarm], store)
  const metrics = new Map(metricsWatched(alarm).map((metric) => [metric.name, metric]))
  let now = DAY_MS
  return (values: Values, periods = longEnough(alarm)): string => {
    const begun = now
    for (; now < begun + periods * alarm.periodMs; now += alarm.periodMs)
      for (const [name, value] of Object.entries(values)) store.add(pointsOf(metrics.get(name), value, now))
    watch.through(begun + MINUTE_MS, now)
    return watch.state(alarm.name)
  }
}

const pointsOf = (metric: Metric | undefined, value: number, atMs: number): DataPoint[] => {
  if (metric === undefined) throw new Error('the alarm does not look at this metric')
  return [{ ...metric, unit: 'Count', atMs, value, resolutionMs: 60_000 }]
}

const named = (name: string): MetricAlarm => {
  const alarm = metricAlarms.find((one) => shortName(one.name) === name)
  if (alarm === undefined) throw new Error(`there is no alarm ${name}`)
  return alarm
}

const each = metricAlarms.map((alarm) => [shortName(alarm.name), alarm] as const)

describe('each alarm of the app', () => {
  it('has a course here', () => {
    expect(each.map(([name]) => name)).toEqual(Object.keys(COURSES))
  })

  it.each(each)('%s goes off at its threshold, clears below, and goes off again', (name, alarm) => {
    const { bad = {}, good = {} } = COURSES[name] ?? {}
    const stateAfter = watched(alarm)
    expect([stateAfter(good), stateAfter(bad), stateAfter(good), stateAfter(bad)]).toEqual([
      'OK',
      'ALARM',
      'OK',
      'ALARM',
    ])
  })

  it.each(each)('%s is on without data only when it watches whether there is any', (name, alarm) => {
    expect(watched(alarm)({})).toBe(NEEDS_VALUES.includes(name) ? 'ALARM' : 'OK')
  })

  it.each(each.filter(([name]) => !NEEDS_VALUES.includes(name)))(
    '%s clears when its metric falls silent',
    (name, alarm) => {
      const stateAfter = watched(alarm)
      expect([stateAfter(COURSES[name]?.bad ?? {}), stateAfter({})]).toEqual(['ALARM', 'OK'])
    },
  )

  it.each([
    ['mappings-off', 1, 'OK'],
    ['mappings-off', 2, 'ALARM'],
    ['topic-drift', 29, 'OK'],
    ['topic-drift', 30, 'ALARM'],
    ['target-racks', 5, 'OK'],
    ['target-racks', 6, 'ALARM'],
    ['acl-drift', 2, 'OK'],
    ['acl-drift', 3, 'ALARM'],
    ['duplicates', 1, 'OK'],
    ['duplicates', 2, 'ALARM'],
    ['unmeasured-partitions', 2, 'OK'],
    ['unmeasured-partitions', 3, 'ALARM'],
    ['time-to-loss', 2, 'OK'],
    ['time-to-loss', 3, 'ALARM'],
  ])('%s that was bad for %s periods is %s', (name, periods, state) => {
    const stateAfter = watched(named(name))
    stateAfter(COURSES[name]?.good ?? {})
    expect(stateAfter(COURSES[name]?.bad ?? {}, periods)).toBe(state)
  })

  it('time-to-loss is off while records wait that no retention takes, or none soon', () => {
    const after = { nothing: { LagSeconds: 9_000 }, sixHours: { LagSeconds: 9_000, TimeToLossSeconds: 21_600 } }
    expect(watched(named('time-to-loss'))(after.nothing)).toBe('OK')
    expect(watched(named('time-to-loss'))(after.sixHours)).toBe('OK')
  })
})

describe('what the alarms of a link cost', () => {
  it('is counted as they are', () => {
    const inOne = [...synthesise(defineTopology(withLink({ heartbeats: true }))).values()]
    const ofLink = inOne.flatMap(({ template }) => alarmsIn(template.toJSON() as Template))
    expect(ofLink.flatMap(metricsWatched)).toHaveLength(ALARM_METRICS)
    expect(ofLink.filter(({ kind }) => kind === 'composite')).toHaveLength(1)
  })
})

describe('a loss that is complete', () => {
  it('keeps its alarm on after all alarms of the lag have cleared, until it is recorded', () => {
    const [gone, lag] = [watched(named('gone-records')), watched(named('lag-seconds'))]
    const [behind, complete, recorded] = [{ LagSeconds: 900 }, { LagSeconds: 0 }, { LagSeconds: 0 }]
    expect([lag(behind), gone({ GoneRecords: 0 })]).toEqual(['ALARM', 'OK'])
    expect([lag(complete), gone({ GoneRecords: 6 }, 600)]).toEqual(['OK', 'ALARM'])
    expect([lag(recorded), gone({ GoneRecords: 0 })]).toEqual(['OK', 'OK'])
  })
})

describe('the alarm that says whether a failover is safe', () => {
  it.each([
    ['gone-records', 'GoneRecords'],
    ['unmeasured-partitions', 'UnmeasuredPartitions'],
  ])('stays on with %s alone, for as long as that does', (name, metric) => {
    const store = createMetricStore()
    const watch = createAlarmWatch(alarms, store)
    const needed = metricAlarms.filter((alarm) => NEEDS_VALUES.includes(shortName(alarm.name))).flatMap(metricsWatched)
    const states = [0, 1, 1, 1, 0].map((value, hour) => {
      const at = DAY_MS + 60 * hour * MINUTE_MS
      for (let minute = 0; minute < 60; minute++) {
        for (const other of needed) store.add(pointsOf(other, 1, at + minute * MINUTE_MS))
        store.add(
          pointsOf(
            metricsWatched(named(name)).find((one) => one.name === metric),
            value,
            at + minute * MINUTE_MS,
          ),
        )
      }
      watch.through(at + MINUTE_MS, at + 60 * MINUTE_MS)
      return watch.state('twinshore-west-east-unsafe')
    })
    expect(states).toEqual(['OK', 'ALARM', 'ALARM', 'ALARM', 'OK'])
  })

  it('goes off with any of those that it rests on, and clears with it', () => {
    const store = createMetricStore()
    const watch = createAlarmWatch(alarms, store)
    const [lag] = alarms.flatMap((alarm) => (shortName(alarm.name) === 'lag-seconds' ? metricsWatched(alarm) : []))
    const states: string[] = []
    for (const [minute, seconds] of [10, 300, 10].entries()) {
      const at = DAY_MS + 10 * minute * MINUTE_MS
      for (let more = 0; more < 10; more++) {
        store.add(pointsOf(lag, seconds, at + more * MINUTE_MS))
        for (const alarm of metricAlarms)
          if (NEEDS_VALUES.includes(shortName(alarm.name)))
            for (const metric of metricsWatched(alarm)) store.add(pointsOf(metric, 1, at + more * MINUTE_MS))
      }
      watch.through(at + MINUTE_MS, at + 10 * MINUTE_MS)
      states.push(watch.state('twinshore-west-east-unsafe'))
    }
    expect(states).toEqual(['OK', 'ALARM', 'OK'])
  })
})
