import { describe, expect, it } from 'vitest'
import { dataPointsIn } from '../../../../local/cloudwatch/embedded-metrics.ts'
import { type Invocation, invocationPoints } from '../../../../local/cloudwatch/lambda-metrics.ts'
import type { DataPoint } from '../../../../local/cloudwatch/metric.ts'
import { createMetricStore } from '../../../../local/cloudwatch/metric-store.ts'

const MINUTE_MS = 60_000

const embedded = (root: object, directive: object, Timestamp: unknown = 90_500): string =>
  JSON.stringify({ ...root, _aws: { Timestamp, CloudWatchMetrics: [{ Namespace: 'Test', ...directive }] } })

const lag = (atMs: number, value: number, dimensions: DataPoint['dimensions'] = { link: 'west' }): DataPoint => ({
  namespace: 'Test',
  name: 'Lag',
  dimensions,
  unit: 'Seconds',
  atMs,
  value,
  resolutionMs: MINUTE_MS,
})

describe('embedded metrics', () => {
  const root = { link: 'west', topic: 'orders', Lag: 3, Beats: [1, 2, 2] }

  it('are every value of every metric under every set of dimensions', () => {
    const line = embedded(root, {
      Dimensions: [['link'], ['topic', 'link'], []],
      Metrics: [
        { Name: 'Lag', Unit: 'Seconds' },
        { Name: 'Beats', StorageResolution: 1 },
      ],
    })
    const points = dataPointsIn(line)
    expect(points).toHaveLength(12)
    expect(points[0]).toEqual(lag(90_500, 3))
    expect(points[1]).toEqual({ ...lag(90_500, 1), name: 'Beats', unit: 'None', resolutionMs: 1_000 })
    expect(points.map(({ value }) => value)).toEqual([3, 1, 2, 2, 3, 1, 2, 2, 3, 1, 2, 2])
    expect(points.map(({ dimensions }) => Object.keys(dimensions).join()).filter((_, at) => at % 4 === 0)).toEqual([
      'link',
      'topic,link',
      '',
    ])
  })

  it.each(['', 'START RequestId', '{not json', '{"level":"INFO"}'])('are not in other lines: %s', (line) => {
    expect(dataPointsIn(line)).toEqual([])
  })

  const metrics = [{ Name: 'Lag' }]
  const crowd = Object.fromEntries(Array.from({ length: 31 }, (_, at) => [`d${at}`, 'x']))

  it.each([
    ['no time', embedded(root, { Dimensions: [[]], Metrics: metrics }, 'now'), 'there is no Timestamp'],
    ['no value', embedded(root, { Dimensions: [[]], Metrics: [{ Name: 'Lost' }] }), 'Lost is not a number'],
    ['a text', embedded({ Lag: '3' }, { Dimensions: [[]], Metrics: metrics }), 'Lag is not a number'],
    ['too much', embedded({ Lag: Array(101).fill(1) }, { Dimensions: [[]], Metrics: metrics }), 'at most 100'],
    ['no dimension', embedded(root, { Dimensions: [['group']], Metrics: metrics }), 'dimension group has no text'],
    ['thirty', embedded(crowd, { Dimensions: [Object.keys(crowd)], Metrics: metrics }), '31 dimensions are too many'],
    ['a number', embedded(root, { Dimensions: [['Lag']], Metrics: metrics }), 'dimension Lag has no text'],
  ])('are refused with %s where they should have one', (_what, line, reason) => {
    expect(() => dataPointsIn(line)).toThrow(reason)
  })
})

describe('the store of metrics', () => {
  const series = (points: readonly DataPoint[], statistic: string, over = {}) => {
    const store = createMetricStore()
    store.add(points)
    const grid = { endMs: 4 * MINUTE_MS, periodMs: MINUTE_MS, count: 3 }
    return store.series({ metric: lag(0, 0), statistic, ...over }, grid)
  }

  it('has a value for each period, and none where nothing was measured', () => {
    const points = [lag(59_999, 9), lag(60_000, 1), lag(119_999, 2), lag(180_000, 5), lag(240_000, 9)]
    expect(series(points, 'Sum')).toEqual([3, undefined, 5])
  })

  it.each([
    ['Sum', 110],
    ['Average', 22],
    ['Minimum', 2],
    ['Maximum', 90],
    ['SampleCount', 5],
    ['p50', 6],
    ['p99', 86.72],
    ['p100', 90],
  ])('knows %s', (statistic, expected) => {
    const points = [4, 90, 2, 8, 6].map((value) => lag(180_000, value))
    expect(series(points, statistic)[2]).toBeCloseTo(expected)
  })

  it('refuses a statistic that it does not know', () => {
    expect(() => series([], 'tm99')).toThrow('tm99 is not supported')
  })

  it('tells metrics apart by exactly their dimensions, in whatever order, and by unit where one is asked for', () => {
    const others = [lag(60_000, 7, {}), lag(60_000, 7, { link: 'east' }), lag(60_000, 7, { link: 'west', topic: 'a' })]
    expect(series(others, 'Sum')).toEqual([undefined, undefined, undefined])
    expect(series([{ ...lag(60_000, 7), unit: 'Count' }, lag(60_000, 1)], 'Sum', { unit: 'Seconds' })[0]).toBe(1)
    const store = createMetricStore()
    store.add([lag(0, 1, { a: '1', b: '2' }), lag(0, 1, { b: '2', a: '1' })])
    expect(store.metrics()).toHaveLength(1)
  })

  it('keeps of a metric of standard resolution no more than the minute', () => {
    const store = createMetricStore()
    store.add([lag(75_000, 1), { ...lag(75_000, 1), name: 'Fine', resolutionMs: 1_000 }])
    const grid = { endMs: 70_000, periodMs: 10_000, count: 1 }
    expect(store.series({ metric: lag(0, 0), statistic: 'Sum' }, grid)).toEqual([1])
    expect(store.series({ metric: lag(0, 0), statistic: 'Sum' }, { ...grid, endMs: 80_000 })).toEqual([undefined])
    const fine = { metric: { ...lag(0, 0), name: 'Fine' }, statistic: 'Sum' }
    expect(store.series(fine, { ...grid, endMs: 80_000, count: 2 })).toEqual([undefined, 1])
  })
})

describe('what Lambda measures', () => {
  const measured = (outcome: Invocation['outcome']) =>
    Object.fromEntries(
      invocationPoints({ functionName: 'f', atMs: 1, outcome, durationMs: 12 }).map(({ name, value }) => [name, value]),
    )

  it('is an error for a failed invocation, and no invocation for a throttled request', () => {
    expect(measured('succeeded')).toEqual({ Invocations: 1, Errors: 0, Throttles: 0, Duration: 12 })
    expect(measured('failed')).toEqual({ Invocations: 1, Errors: 1, Throttles: 0, Duration: 12 })
    expect(measured('throttled')).toEqual({ Throttles: 1 })
  })
})
