import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics } from '@aws-lambda-powertools/metrics'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Template } from '../../../../local/aws/assembly.ts'
import { type AlarmDefinition, alarmsIn } from '../../../../local/cloudwatch/alarm-definition.ts'
import { createAlarmWatch } from '../../../../local/cloudwatch/alarm-watch.ts'
import { dataPointsIn } from '../../../../local/cloudwatch/embedded-metrics.ts'
import { invocationPoints } from '../../../../local/cloudwatch/lambda-metrics.ts'
import { createMetricStore, type MetricStore } from '../../../../local/cloudwatch/metric-store.ts'
import { createGapAlarm, createInvocationReport } from '../../../../shared/adapters/cloudwatch/invocation-report.ts'
import { ReplicationError } from '../../../../shared/domain/errors.ts'
import { METRIC_NAMESPACE } from '../../../../shared/domain/metrics.ts'
import { nothing, type PartitionOutcome } from '../../../../shared/domain/outcome.ts'
import { defineTopology } from '../../../../shared/domain/topology/topology-check.ts'
import { synthesise } from '../../../infra/synthesised.ts'
import { batchOf } from '../../../support/polled.ts'
import { withLink } from '../../shared/domain/topology/topology-example.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** What schedules bring about beside the work of the link: as long as that lasts, nothing is said to be absent. */
const measureFor = (store: MetricStore, minutes: number): void => {
  for (let minute = -5; minute < minutes; minute++) {
    const atMs = HOUR_MS + minute * MINUTE_MS
    for (const name of ['sync-topics', 'sync-groups', 'verify'])
      store.add(invocationPoints({ functionName: `twinshore-west-east-${name}`, atMs, outcome: 'succeeded' }))
    const ofLink = { namespace: METRIC_NAMESPACE, dimensions: { installation: 'twinshore', link: 'west-east' } }
    store.add([{ ...ofLink, name: 'LagSeconds', unit: 'Seconds', atMs, value: 0, resolutionMs: MINUTE_MS }])
  }
}

/** What lets the tellers of the functions speak at a minute of our choice, and the alarms of the app hear them. */
const watched = (alarms: readonly AlarmDefinition[]) => {
  const store = createMetricStore()
  const listen = (line: string): void => store.add(dataPointsIn(line))
  for (const method of ['log', 'info', 'warn', 'error'] as const) vi.spyOn(console, method).mockImplementation(listen)
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE })
  const means = { link: { installation: 'twinshore', name: 'west-east' }, logger: new Logger(), metrics }
  const watch = createAlarmWatch(alarms, store)
  measureFor(store, 30)
  const at = (minute: number, tell: () => void): void => {
    vi.setSystemTime(HOUR_MS + minute * MINUTE_MS + 20_000)
    tell()
  }
  return {
    at,
    report: (minute: number, outcome: Partial<PartitionOutcome> = {}) =>
      at(minute, () => createInvocationReport(means)([{ ...nothing(batchOf([1])), ...outcome }], [])),
    gap: (minute: number, kind: 'lost' | 'quarantined', to: bigint) =>
      at(minute, () =>
        createGapAlarm(means)(
          { topic: 'orders', partition: 0 },
          { incarnation: 'i', from: 5n, to, kind, reason: 'why', at: 1 },
        ),
      ),
    invoked: (minute: number, outcome: 'succeeded' | 'failed' | 'throttled') =>
      store.add(
        invocationPoints({
          functionName: 'twinshore-west-east-replicate',
          atMs: HOUR_MS + minute * MINUTE_MS,
          outcome,
        }),
      ),
    /** What goes off and clears from the first minute to this one, as `minute name state`. */
    until: (minute: number) =>
      watch
        .through(HOUR_MS, HOUR_MS + minute * MINUTE_MS)
        .filter(({ from }) => from !== 'INSUFFICIENT_DATA')
        .map(
          ({ alarm, atMs, to }) => `${(atMs - HOUR_MS) / MINUTE_MS} ${alarm.replace('twinshore-west-east-', '')} ${to}`,
        ),
    states: watch.states,
  }
}

describe('the alarms of the app, over what the functions emit', () => {
  let alarms: readonly AlarmDefinition[]

  beforeAll(() => {
    const stacks = [...synthesise(defineTopology(withLink({}))).values()]
    const inRegion = stacks.filter(({ region }) => region === 'eu-west-1')
    alarms = inRegion.flatMap(({ template }) => alarmsIn(template.toJSON() as Template))
  }, 60_000)

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] })
    vi.stubEnv('POWERTOOLS_DEV', 'true')
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false')
  })

  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  })

  it('can all be evaluated, and none goes off over a link without work', () => {
    expect(alarms.length).toBeGreaterThanOrEqual(9)
    const link = watched(alarms)
    expect(link.until(30)).toEqual([])
    expect([...link.states().values()]).toEqual(alarms.map(() => 'OK'))
  })

  it('do not go off over a link that works', () => {
    const link = watched(alarms)
    for (let minute = 0; minute < 20; minute++) {
      link.report(minute, { replicated: 100, bytes: 2_000 })
      link.invoked(minute, 'succeeded')
    }
    expect(link.until(20)).toEqual([])
  })

  it('tell of failed invocations when there are three in five minutes', () => {
    const link = watched(alarms)
    for (const minute of [1, 2, 8, 9, 10]) link.invoked(minute, 'failed')
    for (let minute = 0; minute < 30; minute++) link.invoked(minute, 'succeeded')
    expect(link.until(30)).toEqual(['11 function-errors ALARM', '14 function-errors OK'])
  })

  it('tell of a throttled request until it is five minutes ago, and what comes after is none', () => {
    const link = watched(alarms)
    link.invoked(3, 'throttled')
    for (let minute = 0; minute < 15; minute++) link.invoked(minute, 'succeeded')
    expect(link.until(15)).toEqual(['4 throttles ALARM', '9 throttles OK'])
  })

  it('tell of a partition that stands still, and stay on between attempts that lie minutes apart', () => {
    const link = watched(alarms)
    const error = new ReplicationError('TARGET_UNREACHABLE', 'appending')
    for (const minute of [2, 6, 10]) link.report(minute, { standstillMs: minute * MINUTE_MS, error })
    for (const minute of [14, 15]) link.report(minute, { replicated: 5 })
    expect(link.until(30)).toEqual(['7 standstill ALARM', '7 unsafe ALARM', '16 standstill OK', '16 unsafe OK'])
  })

  it('tell of lost records, however few, and of nothing else', () => {
    const link = watched(alarms)
    link.gap(4, 'lost', 6n)
    for (let minute = 0; minute < 10; minute++) link.report(minute, { replicated: 1 })
    expect(link.until(12)).toEqual(['5 lost-records ALARM', '8 lost-records OK'])
  })

  it('tell of quarantined and of refused records', () => {
    const link = watched(alarms)
    link.gap(1, 'quarantined', 6n)
    link.report(6, { error: new ReplicationError('RECORD_REFUSED', 'appending') })
    link.report(7)
    expect(link.until(12)).toEqual([
      '2 quarantined-records ALARM',
      '5 quarantined-records OK',
      '7 refused-records ALARM',
      '7 unsafe ALARM',
      '8 refused-records OK',
      '8 unsafe OK',
    ])
  })
})
