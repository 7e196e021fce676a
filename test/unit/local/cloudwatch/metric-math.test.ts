import { describe, expect, it } from 'vitest'
import { parseMath } from '../../../../local/cloudwatch/math-syntax.ts'
import { linesFor, type MetricQuery } from '../../../../local/cloudwatch/metric-query.ts'
import { createMetricStore, type Series } from '../../../../local/cloudwatch/metric-store.ts'

const periodMs = 60_000

const _ = undefined

type Given = Readonly<Record<string, Series>>

/** The series that an expression gives for metrics with these values, a minute each, the newest last. */
const result = (expression: string, given: Given): Series[] => {
  const store = createMetricStore()
  const count = Math.max(...Object.values(given).map((values) => values.length))
  const queries = Object.entries(given).map(([id, values]): MetricQuery => {
    const metric = { namespace: 'Test', name: 'Value', dimensions: { id } }
    for (const [at, value] of values.entries())
      if (value !== undefined)
        store.add([{ ...metric, unit: 'None', atMs: at * periodMs, value, resolutionMs: periodMs }])
    return { kind: 'metric', id, label: id, stat: { metric, statistic: 'Sum' } }
  })
  const asked: MetricQuery = { kind: 'expression', id: 'e1', label: '', expression: parseMath(expression) }
  const grid = { endMs: count * periodMs, periodMs, count }
  return linesFor('e1', [...queries, asked], store, grid).map(({ values }) => values)
}

describe('metric math, by the examples of the documentation', () => {
  const compared = { m1: [30, 20, 0, 0], m2: [20, _, 20, _] }

  it.each([
    ['(m1 < m2)', [0, 0, 1, 0]],
    ['(m1 >= 30)', [1, 0, 0, 0]],
    ['(m1 > 15 AND m2 > 15)', [1, 0, 0, 0]],
  ])('compares: %s', (expression, expected) => {
    expect(result(expression, compared)).toEqual([expected])
  })

  const branches = { m1: [1, 1, 0, 0, _], m2: [30, _, 0, 0, 30], m3: [0, 0, 20, _, 20] }

  it.each([
    ['IF(m1, m2, m3)', [30, 0, 20, _, _]],
    ['IF(m1, 5, m3)', [5, 5, 20, _, _]],
    ['IF(m1, m2, 5)', [30, 0, 5, 5, _]],
    ['IF(m1, m2)', [30, 0, _, _, _]],
  ])('chooses: %s', (expression, expected) => {
    expect(result(expression, branches)).toEqual([expected])
  })
})

describe('metric math', () => {
  const given = { m1: [1, 2, _, 4], m2: [10, _, _, 0] }

  it.each([
    ['m1 + m2', [11, 2, _, 4]],
    ['m1 - m2 - 1', [-10, 1, _, 3]],
    ['m1 / m2', [0.1, _, _, _]],
    ['2 + 3 * m1', [5, 8, _, 14]],
    ['(2 + 3) * m1', [5, 10, _, 20]],
    ['-(m1 ^ 2)', [-1, -4, _, -16]],
    ['-m1', [-1, -2, _, -4]],
    ['8 / 4 / 2 * m1', [1, 2, _, 4]],
    ['m1 == 2 || m1 == 4', [0, 1, _, 1]],
    ['m1 == 1 || m1 == 2 && m1 == 100', [1, 0, _, 0]],
    ['m1 != 2 && m1 <= 3 OR m1 > 100', [1, 0, _, 0]],
    ['FILL(m1, 0)', [1, 2, 0, 4]],
    ['FILL(m1, REPEAT)', [1, 2, 2, 4]],
    ['FILL(m1, LINEAR)', [1, 2, 3, 4]],
    ['FILL(m2, m1)', [10, 2, _, 0]],
    ['SUM([m1, m2])', [11, 2, _, 4]],
    ['SUM(METRICS())', [11, 2, _, 4]],
    ['SUM(METRICS("2"))', [10, _, _, 0]],
    ['MAX([m1, m2])', [10, 2, _, 4]],
    ['MIN([m1, m2])', [1, 2, _, 0]],
    ['AVG([m1, m2])', [5.5, 1, _, 2]],
    ['m1 - MAX(m1)', [-3, -2, _, 0]],
    ['m1 - AVG(m1) * DATAPOINT_COUNT(m1)', [-6, -5, _, -3]],
    ['m1 * PERIOD(m1)', [60, 120, _, 240]],
    ['RATE(m1) * 120', [_, 2, _, 2]],
    ['DIFF(m1)', [_, 1, _, 2]],
    ['CEIL(m1 / 4) + FLOOR(m1 / 4)', [1, 1, _, 2]],
    ['ABS(m1 - 2)', [1, 0, _, 2]],
    ['TIME_SERIES(METRIC_COUNT(METRICS()))', [2, 2, 2, 2]],
    ['FIRST([m2, m1])', [10, _, _, 0]],
    ['LAST([m2, m1])', [1, 2, _, 4]],
  ])('knows %s', (expression, expected) => {
    expect(result(expression, given)).toEqual([expected])
  })

  it('gives an array of series for an array', () => {
    expect(result('METRICS() * 2', given)).toEqual([
      [2, 4, _, 8],
      [20, _, _, 0],
    ])
    expect(result('REMOVE_EMPTY([m3, m4])', { ...given, m3: [_], m4: [7] })).toEqual([[7, _, _, _]])
  })

  it('sorts series by what their values come to, those without any last, and takes the first of them', () => {
    const three = { m1: [1, 9], m2: [6, 6], m3: [_, _], m4: [2, 3] }
    const [m1, m2, m3, m4] = [
      [1, 9],
      [6, 6],
      [_, _],
      [2, 3],
    ]
    expect(result('SORT([m1, m2, m3, m4], MAX, DESC)', three)).toEqual([m1, m2, m4, m3])
    expect(result('SORT([m1, m2, m3, m4], SUM, ASC)', three)).toEqual([m4, m1, m2, m3])
    expect(result('SORT([m1, m2, m3, m4], MIN, DESC, 2)', three)).toEqual([m2, m4])
    expect(result('SORT([m1, m2], AVG, DESC)', three)).toEqual([m2, m1])
    expect(() => result('SORT([m1, m2], MEDIAN, DESC)', three)).toThrow('needs a function and an order')
  })

  it('finds metrics by name and dimensions', () => {
    expect(result(`SUM(SEARCH('{Test,id} MetricName="Value"', 'Sum', 60))`, given)).toEqual([[11, 2, _, 4]])
    expect(result(`SEARCH('{Test,id} MetricName="Value" id="m2"', 'Sum', 60)`, given)).toEqual([[10, _, _, 0]])
    expect(result(`SEARCH('{Test} MetricName="Value"', 'Sum', 60)`, given)).toEqual([])
  })

  it.each([
    ['m1 +', 'its end was not expected'],
    ['m1 + * m2', '* was not expected'],
    ['m1 m2', 'm2 was not expected'],
    ['m1 ? 1', 'not understood from'],
    ['STDDEV(m1)', 'the function STDDEV of metric math is not supported'],
    ['m3', 'there is no metric or expression m3'],
    ['e1 + 1', 'the expression e1 rests on itself'],
    ['MAX(m1)', 'gives a number'],
    [`SEARCH('Value', 'Sum')`, 'a search without a schema is not supported'],
    [`SEARCH('{Test,id} partial', 'Sum')`, 'partial is not supported'],
  ])('refuses %s', (expression, reason) => {
    expect(() => result(expression, given)).toThrow(reason)
  })
})
