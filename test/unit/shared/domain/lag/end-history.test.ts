import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Rise, thinned, waitingSince } from '../../../../../shared/domain/lag/end-history.ts'

const EVERY_MS = 10_000
const DAY_MS = 86_400_000

const rises = (count: number, first = 0): Rise[] =>
  Array.from({ length: count }, (_, at) => ({
    end: BigInt(first + at + 1),
    by: (at + 1) * EVERY_MS,
    after: at * EVERY_MS,
  }))

describe('thinning', () => {
  it('leaves the rises of the last hour as they are', () => {
    expect(thinned(rises(360), 360 * EVERY_MS, 2_000)).toEqual(rises(360))
  })

  it('keeps one a minute of the older ones, and one in ten minutes after a day', () => {
    const days = 3
    const all = rises((days * DAY_MS) / EVERY_MS)
    const kept = thinned(all, days * DAY_MS, 5_000)
    const old = kept.filter(({ by }) => by < 2 * DAY_MS)
    expect(old.length).toBeGreaterThan((2 * DAY_MS) / 600_000 - 2)
    expect(old.length).toBeLessThan((2 * DAY_MS) / 600_000 + 3)
    expect(kept.length - old.length).toBeLessThan(DAY_MS / 60_000 + 363)
    expect(kept.slice(-360)).toEqual(all.slice(-360))
  })

  it('never keeps more than it may, goes on where it stopped, and never lets a record wait for less', () => {
    const whole = fc.record({ most: fc.integer({ min: 4, max: 500 }), count: fc.integer({ min: 1, max: 900 }) })
    fc.assert(
      fc.property(whole, ({ most, count }) => {
        const all = rises(count)
        let kept: readonly Rise[] = []
        for (const rise of all) {
          kept = thinned([...kept, rise], rise.by, most)
          expect(kept.length).toBeLessThanOrEqual(most)
        }
        expect(kept[0]).toEqual(all[0])
        for (let offset = 0n; offset < BigInt(count); offset++) {
          const [thin, exact] = [waitingSince(kept, offset), waitingSince(all, offset)]
          expect(thin?.since).toBeLessThanOrEqual(exact?.since ?? 0)
        }
      }),
      { numRuns: 30 },
    )
  })
})
