import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AlarmState, judge, type MissingData, type Point } from '../../../../local/cloudwatch/alarm-verdict.ts'

const POINTS: Readonly<Record<string, Point>> = { '0': 'within', X: 'breaching', '-': 'missing' }

const pointsOf = (drawn: string): Point[] => drawn.split(' ').map((sign) => POINTS[sign] ?? 'missing')

const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const satisfies readonly MissingData[]

const RETAIN = 'RETAIN'

type Expected = AlarmState | typeof RETAIN

/** What each treatment of missing data gives, and that it is the state from before that is retained. */
const expectStates = (drawn: string, m: number, expected: readonly Expected[]) => {
  for (const current of ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const)
    for (const [index, treatMissingData] of TREATMENTS.entries()) {
      const patience = { evaluationPeriods: 3, datapointsToAlarm: m, treatMissingData }
      const wanted = expected[index] === RETAIN ? current : expected[index]
      expect([treatMissingData, judge(pointsOf(drawn), patience, current)]).toEqual([treatMissingData, wanted])
    }
}

/** "Configuring how CloudWatch alarms treat missing data": the range is 5 points, and N is 3. */
describe('the examples of the documentation', () => {
  it.each<[string, ...Expected[]]>([
    ['0 - X - X', 'OK', 'OK', 'OK', 'OK'],
    ['0 - - - -', 'OK', 'OK', 'OK', 'OK'],
    ['- - - - -', 'INSUFFICIENT_DATA', RETAIN, 'ALARM', 'OK'],
    ['0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['- - X - -', 'ALARM', RETAIN, 'ALARM', 'OK'],
    // of an older edition of the page
    ['- - - - X', 'INSUFFICIENT_DATA', RETAIN, 'ALARM', 'OK'],
    ['X - - - -', 'ALARM', RETAIN, 'ALARM', 'OK'],
  ])('three out of three: %s', (drawn, ...expected) => {
    expectStates(drawn, 3, expected)
  })

  it.each<[string, ...Expected[]]>([
    ['0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - X -', 'ALARM', RETAIN, 'ALARM', 'OK'],
    // of an older edition of the page
    ['- - - - X', 'INSUFFICIENT_DATA', RETAIN, 'ALARM', 'OK'],
  ])('two out of three: %s', (drawn, ...expected) => {
    expectStates(drawn, 2, expected)
  })

  it.each(['- - - - X', '- - - X -', '- - - X 0', '- - X - 0'])('is not in alarm too early: %s', (drawn) => {
    const patience = { evaluationPeriods: 3, datapointsToAlarm: 3, treatMissingData: 'missing' } as const
    expect(judge(pointsOf(drawn), patience, 'OK')).not.toBe('ALARM')
  })
})

const situation = fc
  .record({
    evaluationPeriods: fc.integer({ min: 1, max: 6 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    older: fc.integer({ min: 0, max: 4 }),
    treatMissingData: fc.constantFrom(...TREATMENTS),
    current: fc.constantFrom<AlarmState>('OK', 'ALARM', 'INSUFFICIENT_DATA'),
  })
  .chain(({ evaluationPeriods, share, older, treatMissingData, current }) =>
    fc.record({
      patience: fc.constant({
        evaluationPeriods,
        datapointsToAlarm: 1 + Math.floor(share * (evaluationPeriods - 1)),
        treatMissingData,
      }),
      current: fc.constant(current),
      points: fc.array(fc.constantFrom<Point>('within', 'breaching', 'missing'), {
        minLength: evaluationPeriods + older,
        maxLength: evaluationPeriods + older,
      }),
    }),
  )

const count = (points: readonly Point[], kind: Point): number => points.filter((point) => point === kind).length

describe('M out of N', () => {
  it('never goes off with fewer than M breaching points, unless missing ones stand for them', () => {
    fc.assert(
      fc.property(situation, ({ points, patience, current }) => {
        const { datapointsToAlarm, treatMissingData } = patience
        if (count(points, 'breaching') >= datapointsToAlarm || judge(points, patience, current) !== 'ALARM') return
        if (treatMissingData === 'ignore') expect(current).toBe('ALARM')
        else expect(treatMissingData).toMatch(/^(breaching|missing)$/)
        if (treatMissingData === 'missing') expect(count(points, 'within')).toBe(0)
      }),
    )
  })

  it('always goes off with M breaching points among the newest N, and never stays on with none at all', () => {
    fc.assert(
      fc.property(situation, ({ points, patience, current }) => {
        const newest = points.slice(-patience.evaluationPeriods)
        const state = judge(points, patience, current)
        if (count(newest, 'breaching') >= patience.datapointsToAlarm) expect(state).toBe('ALARM')
        if (count(points, 'within') === points.length) expect(state).toBe('OK')
      }),
    )
  })

  it('does not ask how missing data is treated as long as there are N real points', () => {
    fc.assert(
      fc.property(situation, ({ points, patience, current }) => {
        if (points.length - count(points, 'missing') < patience.evaluationPeriods) return
        const states = TREATMENTS.map((treatMissingData) => judge(points, { ...patience, treatMissingData }, current))
        expect(new Set(states).size).toBe(1)
      }),
    )
  })
})
