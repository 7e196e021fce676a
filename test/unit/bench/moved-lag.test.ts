import { describe, expect, it } from 'vitest'
import { formatMoved, isExact, type MovedLag } from '../../../bench/groups/moved-lag.ts'

const moved = (again: readonly number[], { skipped = 0, nowhere = 0 } = {}): MovedLag => ({
  lag: 10,
  partitions: again.map((one) => ({ again: one, skipped })),
  nowhere,
})

describe('groups of one lag after a move', () => {
  it.each([
    ['nothing was read again', [moved([0, 0])], true],
    ['a record was read again in one of the rounds', [moved([0, 0]), moved([0, 1])], false],
    ['a record was skipped', [moved([0], { skipped: 1 })], false],
    ['a partition got no position', [moved([0], { nowhere: 1 })], false],
    ['nothing was moved', [moved([])], false],
    ['nothing was measured', [], false],
  ])('are exact or not when %s', (_what, all, expected) => {
    expect(isExact(all)).toBe(expected)
  })

  it.each([
    ['a figure', [moved([62, 62])], '62'],
    ['a range over partitions and rounds, by size', [moved([1_082, 72]), moved([9])], '9 to 1,082'],
    ['what has no position', [moved([5], { nowhere: 1 })], '5, 1 without a position'],
    ['nothing but that', [moved([], { nowhere: 2 })], '2 without a position'],
    ['what was skipped', [moved([0, 0], { skipped: 600 })], '0, 1,200 skipped'],
  ])('are shown as %s', (_what, all, expected) => {
    expect(formatMoved(all)).toBe(expected)
  })
})
