import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BoundaryPoint,
  packPoints,
  reverseStart,
  unpackPoints,
} from '../../../../../shared/domain/failover/boundary.ts'

const offset = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n })

const point: fc.Arbitrary<BoundaryPoint> = fc.record(
  { targetEnd: offset, sourceEnd: offset, replicated: fc.record({ source: offset, target: offset }) },
  { requiredKeys: ['targetEnd'] },
)

describe('the points of a boundary', () => {
  it('are unpacked as they were packed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(100_000), point), { maxLength: 50 }), (entries) => {
        const points = new Map(entries)
        expect(unpackPoints(packPoints(points))).toEqual(points)
      }),
    )
  })

  it('are some ten bytes a partition', () => {
    const one: BoundaryPoint = { sourceEnd: 9_000_000n, targetEnd: 9_000_000n, replicated: { source: 1n, target: 1n } }
    const points = new Map(Array.from({ length: 1_000 }, (_, partition) => [partition, one]))
    expect(packPoints(points).length).toBeLessThan(15_000)
  })

  it.each([
    ['of another version', [2]],
    ['cut off', [1, 0, 0]],
    ['with flags that nobody knows', [1, 0, 4, 5]],
    ['empty', []],
  ])('are refused %s', (_what, bytes) => {
    expect(() => unpackPoints(Uint8Array.from(bytes))).toThrow(RangeError)
  })
})

describe('where the link the other way begins', () => {
  it.each<readonly [string, BoundaryPoint, bigint]>([
    ['where the records of the forward link end', { targetEnd: 9n, replicated: { source: 5n, target: 9n } }, 9n],
    ['before copies and markers behind them', { targetEnd: 12n, replicated: { source: 5n, target: 9n } }, 9n],
    ['where the target ends, when it lost records', { targetEnd: 7n, replicated: { source: 5n, target: 9n } }, 7n],
    ['at the beginning, when nothing was replicated', { targetEnd: 7n }, 0n],
  ])('is %s', (_where, stand, expected) => {
    expect(reverseStart(stand)).toBe(expected)
  })
})
