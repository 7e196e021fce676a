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

  it('take two bytes for up to 128 records that looped, and say where they stand on the target only in front', () => {
    const looped = { source: 10n, target: 12n, length: 128n, looped: true } as const
    expect(packedSizeBytes(looped, { source: 0n, target: 2n, length: 10n })).toBe(2)
    expect([
      ...packRuns([
        { ...looped, length: 2n },
        { source: 13n, target: 12n, length: 1n },
      ]),
    ]).toEqual([2, 21, 12, 1, 2, 0, 0])
  })

  it('keep the bytes that tables out there already hold', () => {
    const runs = [
      { source: 0n, target: 9n, length: 3n },
      { source: 5n, target: 12n, length: 300n },
    ]
    expect(unpackRuns(Uint8Array.from([1, 0, 9, 2, 2, 0, 0xab, 2]))).toEqual(runs)
    expect([...packRuns(runs)]).toEqual([2, 0, 9, 2, 4, 0, 0xab, 2])
    const looped = { source: 305n, target: 312n, length: 2n, looped: true } as const
    expect([...packRuns([...runs, looped])]).toEqual([2, 0, 9, 2, 4, 0, 0xab, 2, 1, 1])
  })

  it('keep the largest offsets that Kafka has', () => {
    const far = [{ source: (1n << 63n) - 2n, target: (1n << 63n) - 2n, length: 1n }]
    expect(unpackRuns(packRuns(far))).toEqual(far)
  })

  it.each([
    ['nothing', []],
    ['another version', [3, 0, 0, 0]],
    ['half a number', [2, 0, 0, 0x80]],
    ['half a run', [2, 0, 0]],
    ['half a run of the old version', [1, 0, 0]],
    ['half a looped run', [2, 0, 0, 0, 1]],
    ['a number beyond 63 bits', [1, ...Array<number>(9).fill(0xff), 1, 0, 0]],
    ['a number beyond 64 bits', [2, ...Array<number>(9).fill(0xff), 2, 0, 0]],
    ['a number that does not end', [2, ...Array<number>(11).fill(0xff), 0, 0, 0]],
  ])('are refused when they hold %s', (_what, bytes) => {
    expect(() => unpackRuns(Uint8Array.from(bytes))).toThrow(RangeError)
  })

  it.each([
    ['source', { source: 2n, target: 20n, length: 1n }],
    ['target', { source: 9n, target: 11n, length: 1n }],
    [
      'target, by a looped run that stands behind the one before it',
      { source: 9n, target: 13n, length: 1n, looped: true },
    ],
  ] as const)('refuse runs that overlap on the %s', (_side, second) => {
    expect(() => packRuns([{ source: 0n, target: 9n, length: 3n }, second])).toThrow('do not ascend')
  })
})
