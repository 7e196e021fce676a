import { describe, expect, it } from 'vitest'
import { type MeasuredSize, reportFailover } from '../../../bench/failover/failover-report.ts'
import type { FailoverRound } from '../../../bench/failover/failover-round.ts'

const AWAITED = { stillMs: 5_000, functionTimeoutMs: 15_000 }

const round = (ownMs: number, groupsMs: number): FailoverRound => ({
  steps: new Map([
    ['groups', groupsMs],
    ['stop', 15_500],
  ]),
  ownMs,
  betweenMs: 1_000,
  awaited: new Map([
    ['prove', 5_000],
    ['stop', 15_000],
  ]),
  moved: 600,
})

const size = (topics: number, groups: number, ...rounds: readonly FailoverRound[]): MeasuredSize => ({
  topics,
  groups,
  rounds,
})

const SIZES = [
  size(10, 10, round(24_000, 1_000), round(25_000, 1_000), round(23_000, 1_000)),
  size(100, 100, round(28_000, 3_000), round(29_000, 3_000), round(30_000, 3_000)),
]

describe('the report on failovers of many sizes', () => {
  it('has a row for each step that was taken, in the order of a failover', () => {
    const [steps] = reportFailover(SIZES, AWAITED).tables
    expect(steps?.columns).toEqual(['step', '10 topics, 10 groups', '100 topics, 100 groups'])
    expect(steps?.rows).toEqual([
      ['groups', '1.00 (1.00–1.00)', '3.00 (3.00–3.00)'],
      ['stop: until the function has timed out', '15.0 (15.0–15.0)', '15.0 (15.0–15.0)'],
      ['stop: the rest', '0.50 (0.50–0.50)', '0.50 (0.50–0.50)'],
    ])
  })

  it('tells what it waits for on purpose from what it works', () => {
    const [, shares] = reportFailover(SIZES, AWAITED).tables
    expect(shares?.rows.map((row) => row.at(-1))).toEqual([
      '29.0 (28.0–30.0)',
      '20.0 (20.0–20.0)',
      '9.00 (8.00–10.0)',
      '1.00 (1.00–1.00)',
      '600 (600–600)',
    ])
  })

  it('tells how it grows, by the work alone as well', () => {
    const [, , growth] = reportFailover(SIZES, AWAITED).tables
    expect(growth?.rows.at(-1)?.slice(0, 5)).toEqual(['100 topics, 100 groups', '600', '1.21', '2.25', '–'])
  })

  it('holds its target when the slowest round of the promised size does', () => {
    expect(reportFailover(SIZES, AWAITED).targets).toMatchObject([{ held: true, measured: '29.0 (28.0–30.0)' }])
    const [small = size(1, 1)] = SIZES
    const slow = size(100, 100, round(28_000, 1), round(30_001, 1))
    expect(reportFailover([small, slow], AWAITED).targets).toMatchObject([{ held: false }])
    expect(reportFailover([small], AWAITED).targets).toEqual([])
  })
})
