import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stretchesOf, withLooped } from '../../../../shared/domain/looped-runs.ts'
import { extendRuns } from '../../../../shared/domain/offset-map.ts'
import type { Run } from '../../../../shared/domain/run.ts'

const run = (source: bigint, target: bigint, length: bigint): Run => ({ source, target, length })
const looped = (source: bigint, target: bigint, length: bigint): Run => ({
  ...run(source, target, length),
  looped: true,
})

describe('looped runs', () => {
  it('are stretches of offsets that follow each other', () => {
    expect(stretchesOf([3, 4, 5, 7, 9, 10])).toEqual([
      { from: 3n, to: 6n },
      { from: 7n, to: 8n },
      { from: 9n, to: 11n },
    ])
    expect(stretchesOf([])).toEqual([])
  })

  it('stand between the placed ones, each where the one before it ends on the target', () => {
    const stretches = stretchesOf([3, 5, 6, 9])
    expect(withLooped([run(0n, 20n, 3n)], [run(4n, 30n, 1n), run(7n, 31n, 2n)], stretches)).toEqual([
      looped(3n, 23n, 1n),
      run(4n, 30n, 1n),
      looped(5n, 31n, 2n),
      run(7n, 31n, 2n),
      looped(9n, 33n, 1n),
    ])
  })

  it('begin at nothing when nothing came before them', () => {
    expect(withLooped([], [], stretchesOf([4]))).toEqual([looped(4n, 0n, 1n)])
  })

  it('extend any map, and account for each offset once', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('copied', 'looped', 'hole'), { maxLength: 60, size: 'max' }), (slots) => {
        const at = (what: string): number[] => [...slots.keys()].filter((offset) => slots[offset] === what)
        const placed = at('copied').map((offset, index) => run(BigInt(offset), BigInt(100 + index), 1n))
        const runs = extendRuns([], withLooped([], placed, stretchesOf(at('looped'))))
        const covered = (wanted: boolean): number[] =>
          runs
            .filter((one) => (one.looped ?? false) === wanted)
            .flatMap(({ source, length }) => Array.from({ length: Number(length) }, (_, more) => Number(source) + more))
        expect([covered(false), covered(true)]).toEqual([at('copied'), at('looped')])
      }),
    )
  })
})
