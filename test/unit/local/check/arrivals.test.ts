import { describe, expect, it } from 'vitest'
import { longestGap } from '../../../../local/check/arrivals.ts'

describe('the longest time without an arrival', () => {
  it.each([
    ['between two arrivals', [10, 20, 70, 80], 0, 90, 50],
    ['before the first one', [60, 70], 0, 80, 60],
    ['after the last one', [10, 20], 0, 90, 70],
    ['all the time, when nothing came', [], 5, 90, 85],
    ['among those within the time only', [0, 40, 50, 60, 200], 45, 70, 10],
  ])('may be %s', (_where, moments, from, to, expected) => {
    expect(longestGap(moments, from, to)).toBe(expected)
  })
})
