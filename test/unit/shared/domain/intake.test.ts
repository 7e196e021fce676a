import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holesIn, splitAtLogStart } from '../../../../shared/domain/intake.ts'
import { runsOf } from '../../../../shared/domain/placement.ts'
import { polled } from '../../../support/polled.ts'

const ascending = fc.uniqueArray(fc.nat(60), { minLength: 1 }).map((offsets) => offsets.sort((a, b) => a - b))

const offsetsOf = (holes: readonly { from: bigint; to: bigint }[]): number[] =>
  holes.flatMap(({ from, to }) => Array.from({ length: Number(to - from) }, (_, at) => Number(from) + at))

describe('the holes of a batch', () => {
  it('and its records together are every offset from the start to the last record, each once', () => {
    fc.assert(
      fc.property(ascending, (offsets) => {
        const holes = offsetsOf(
          holesIn(
            offsets.map((offset) => polled(offset)),
            0n,
          ),
        )
        const all = [...offsets, ...holes].sort((a, b) => a - b)
        expect(all).toEqual(Array.from({ length: (offsets.at(-1) ?? 0) + 1 }, (_, at) => at))
      }),
    )
  })

  it('are lost below the log start and unverified from there on, and none is empty', () => {
    fc.assert(
      fc.property(ascending, fc.nat(60), (offsets, logStart) => {
        const holes = holesIn(
          offsets.map((offset) => polled(offset)),
          0n,
        )
        const { lost, unverified } = splitAtLogStart(holes, BigInt(logStart))
        expect(offsetsOf(lost)).toEqual(offsetsOf(holes).filter((offset) => offset < logStart))
        expect(offsetsOf(unverified)).toEqual(offsetsOf(holes).filter((offset) => offset >= logStart))
        for (const { from, to } of [...lost, ...unverified]) expect(to).toBeGreaterThan(from)
      }),
    )
  })
})

describe('the runs of placements', () => {
  it('give each record the offset where it was placed, in as few runs as there are breaks', () => {
    fc.assert(
      fc.property(ascending, fc.integer({ min: 1, max: 8 }), (offsets, size) => {
        const records = offsets.map((offset) => polled(offset))
        const placements = Array.from({ length: Math.ceil(offsets.length / size) }, (_, at) => {
          const first = at * size
          return { first, count: Math.min(size, offsets.length - first), target: BigInt(first * 10) }
        })
        const runs = runsOf(records, placements)
        const placed = runs.flatMap(({ source, target, length }) =>
          Array.from({ length: Number(length) }, (_, at) => [Number(source) + at, Number(target) + at]),
        )
        expect(placed).toEqual(offsets.map((offset, at) => [offset, Math.floor(at / size) * size * 10 + (at % size)]))
        const breaks = offsets.filter((offset, at) => at % size === 0 || offsets[at - 1] !== offset - 1)
        expect(runs).toHaveLength(breaks.length)
      }),
    )
  })
})
