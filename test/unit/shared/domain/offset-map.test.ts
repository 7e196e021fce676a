import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { extendRuns, SEAL_LIMITS, seal } from '../../../../shared/domain/offset-map.ts'
import { packRuns } from '../../../../shared/domain/packed-runs.ts'
import { isReplicated, type Run } from '../../../../shared/domain/run.ts'
import { anyRuns } from '../../../support/any-runs.ts'

const run = (source: bigint, target: bigint, length: bigint): Run => ({ source, target, length })
const headOf = (openRuns: readonly Run[]) => ({ incarnation: 'topic-id', openRuns })

describe('extendRuns', () => {
  it.each([
    ['goes on where the last run ended', run(3n, 12n, 2n), [run(0n, 9n, 5n)]],
    ['leaves a hole on the source', run(4n, 12n, 2n), [run(0n, 9n, 3n), run(4n, 12n, 2n)]],
    ['leaves a hole on the target', run(3n, 13n, 2n), [run(0n, 9n, 3n), run(3n, 13n, 2n)]],
  ])('keeps apart or joins what %s', (_what, placed, expected) => {
    expect(extendRuns([run(0n, 9n, 3n)], [placed])).toEqual(expected)
  })

  it('joins runs that were placed together', () => {
    expect(extendRuns([], [run(0n, 9n, 1n), run(1n, 10n, 1n), run(3n, 11n, 1n)])).toEqual([
      run(0n, 9n, 2n),
      run(3n, 11n, 1n),
    ])
  })

  it('joins looped runs with each other, and with nothing else', () => {
    const looped = (source: bigint, target: bigint, length: bigint): Run => ({
      ...run(source, target, length),
      looped: true,
    })
    expect(
      extendRuns([run(0n, 9n, 3n)], [looped(3n, 12n, 2n), looped(5n, 12n, 1n), looped(7n, 12n, 1n), run(8n, 12n, 1n)]),
    ).toEqual([run(0n, 9n, 3n), looped(3n, 12n, 3n), looped(7n, 12n, 1n), run(8n, 12n, 1n)])
  })

  it('refuses a target that appends below what it held before', () => {
    expect(() => extendRuns([run(0n, 9n, 3n)], [run(3n, 11n, 1n)])).toThrow(/TARGET_REWOUND.*offset 11, below 12/)
  })

  it('refuses a source offset that is mapped already', () => {
    expect(() => extendRuns([run(0n, 9n, 3n)], [run(2n, 12n, 1n)])).toThrow(/STATE_MALFORMED.*offset 2/)
  })
})

describe('seal', () => {
  it('leaves a head alone until its runs outgrow it', () => {
    const upToTheLimit = Array.from({ length: 213 }, (_, at) => run(BigInt(2 * at), BigInt(at), 1n))
    expect(packRuns(upToTheLimit).length).toBe(SEAL_LIMITS.openRunsBytes)
    expect(seal(headOf(upToTheLimit))).toEqual({ pages: [], openRuns: upToTheLimit })
    const tooMany = [...upToTheLimit, run(426n, 213n, 1n)]
    expect(seal(headOf(tooMany))).toMatchObject({ pages: [{ runs: upToTheLimit }], openRuns: tooMany.slice(-1) })
  })

  it('has nothing to do before the first batch', () => {
    expect(seal(undefined)).toEqual({ pages: [], openRuns: [] })
  })

  it('moves every run but the last to pages in their order, each page knowing where the next run begins', () => {
    fc.assert(
      fc.property(anyRuns({ minLength: 2, maxLength: 60 }), fc.integer({ min: 40, max: 200 }), (runs, pageBytes) => {
        const { pages, openRuns } = seal(headOf(runs), { openRunsBytes: 0, pageBytes })
        expect([...pages.flatMap((page) => page.runs), ...openRuns]).toEqual(runs)
        expect(openRuns).toEqual(runs.slice(-1))
        const starts = [...pages.slice(1).map((page) => page.runs[0]), ...openRuns]
        expect(pages.map(({ followedBy }) => followedBy)).toEqual(
          starts.map((start) => {
            const target = runs.slice(runs.indexOf(start)).find(isReplicated)?.target
            return { source: start.source, ...(target !== undefined && { target }) }
          }),
        )
      }),
    )
  })

  it('keeps in the head what looped after the last replicated run, until that fills half of it', () => {
    const limits = { openRunsBytes: 640, pageBytes: 3_500 }
    const both = (looped: number): Run[] => [
      ...Array.from({ length: 250 }, (_, at) => run(BigInt(2 * at), BigInt(at), 1n)),
      ...Array.from({ length: looped }, (_, at): Run => ({ ...run(BigInt(501 + 2 * at), 250n, 1n), looped: true })),
    ]
    expect(seal(headOf(both(150)), limits).openRuns).toEqual(both(150).slice(249))
    expect(seal(headOf(both(150)), limits).pages).toMatchObject([{ followedBy: { source: 498n, target: 249n } }])
    expect(seal(headOf(both(170)), limits).openRuns).toEqual(both(170).slice(-1))
    expect(seal(headOf(both(170)), limits).pages.map(({ followedBy }) => followedBy)).toEqual([{ source: 839n }])
  })

  it('fills pages up to their limit and not beyond', () => {
    fc.assert(
      fc.property(anyRuns({ minLength: 2, maxLength: 60 }), fc.integer({ min: 40, max: 200 }), (runs, pageBytes) => {
        const { pages } = seal(headOf(runs), { openRunsBytes: 0, pageBytes })
        for (const [at, page] of pages.entries()) {
          expect(packRuns(page.runs).length).toBeLessThanOrEqual(pageBytes)
          const [oneMore] = pages[at + 1]?.runs ?? []
          if (oneMore !== undefined) expect(packRuns([...page.runs, oneMore]).length).toBeGreaterThan(pageBytes)
        }
      }),
    )
  })
})
