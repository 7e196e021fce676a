import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PACKED_NOTHING_BYTES, packedSizeBytes, packRuns, unpackRuns } from '../../../../shared/domain/packed-runs.ts'
import { anyRuns } from '../../../support/any-runs.ts'

describe('packed runs', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(anyRuns(), (runs) => {
        expect(unpackRuns(packRuns(runs))).toEqual(runs)
      }),
    )
  })

  it('are as large as their sizes promise', () => {
    fc.assert(
      fc.property(anyRuns(), (runs) => {
        const size = runs.reduce((sum, run, at) => sum + packedSizeBytes(run, runs[at - 1]), PACKED_NOTHING_BYTES)
        expect(packRuns(runs)).toHaveLength(size)
      }),
    )
  })

  it('take three bytes for a small transaction and its marker', () => {
    const run = { source: 4_000_000n, target: 3_000_000n, length: 128n }
    expect(packedSizeBytes({ source: 4_000_129n, target: 3_000_128n, length: 128n }, run)).toBe(3)
    expect(packedSizeBytes({ source: 4_000_129n, target: 3_000_128n, length: 129n }, run)).toBe(4)
  })

  it('keep the bytes that tables out there already hold', () => {
    const runs = [
      { source: 0n, target: 9n, length: 3n },
      { source: 5n, target: 12n, length: 300n },
    ]
    expect([...packRuns(runs)]).toEqual([1, 0, 9, 2, 2, 0, 0xab, 2])
  })

  it.each([
    ['nothing', []],
    ['another version', [2, 0, 0, 0]],
    ['half a number', [1, 0, 0, 0x80]],
    ['half a run', [1, 0, 0]],
    ['a number beyond 63 bits', [1, ...Array<number>(9).fill(0xff), 1, 0, 0]],
  ])('are refused when they hold %s', (_what, bytes) => {
    expect(() => unpackRuns(Uint8Array.from(bytes))).toThrow(RangeError)
  })

  it.each([
    ['source', { source: 2n, target: 20n, length: 1n }],
    ['target', { source: 9n, target: 11n, length: 1n }],
  ])('refuse runs that overlap on the %s', (_side, second) => {
    expect(() => packRuns([{ source: 0n, target: 9n, length: 3n }, second])).toThrow('do not ascend')
  })
})
