import { describe, expect, it } from 'vitest'
import { formatFigure, formatSpread, median, percentile, ratios, sampleOf } from '../../../bench/spread.ts'

describe('the spread of figures', () => {
  it.each([
    ['an odd number', [3, 1, 2], 2],
    ['an even number', [4, 1, 3, 2], 2.5],
    ['one', [7], 7],
    ['figures whose text sorts otherwise', [10, 9, 100], 10],
  ])('has the middle of %s', (_of, figures, middle) => {
    expect(median(sampleOf(figures))).toBe(middle)
  })

  it.each([
    [0.5, 50],
    [0.99, 99],
    [1, 100],
    [0, 1],
  ])('has percentiles by nearest rank: %f', (share, expected) => {
    const sample = sampleOf(Array.from({ length: 100 }, (_, at) => 100 - at))
    expect(percentile(sample, share)).toBe(expected)
  })

  it('rounds a rank up, so that the share is reached', () => {
    expect(percentile([3, 1, 2], 0.5)).toBe(2)
  })

  it('has ratios run by run', () => {
    expect(ratios([10, 30], [5, 10])).toEqual([2, 3])
  })

  it('does not exist without a figure', () => {
    expect(() => sampleOf([])).toThrow('nothing was measured')
  })

  it.each([
    [1.234, '1.23'],
    [12.34, '12.3'],
    [123.4, '123'],
    [1234.5, '1,235'],
    [-250, '-250'],
  ])('is written with three digits: %f', (figure, text) => {
    expect(formatFigure(figure)).toBe(text)
  })

  it('is the median between the extremes, or the one figure', () => {
    expect(formatSpread([3, 1, 2])).toBe('2.00 (1.00–3.00)')
    expect(formatSpread([3])).toBe('3.00')
  })
})
