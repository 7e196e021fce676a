import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Beat } from '../../../../../shared/domain/heartbeat/beat.ts'
import { dueBeats, untilNextBeat } from '../../../../../shared/domain/heartbeat/beat-plan.ts'

const T = 1_700_000_000_000

describe('which beats are due', () => {
  it.each([
    ['the first one at once, for the second that runs', undefined, T + 999, [{ sequence: 1, at: T }], 0],
    ['none twice in a second', { sequence: 7, at: T }, T + 999, [], 0],
    ['one a second', { sequence: 7, at: T }, T + 1_000, [{ sequence: 8, at: T + 1_000 }], 0],
    ['none while the clock is behind', { sequence: 7, at: T }, T - 5_000, [], 0],
    [
      'those that were missed, the oldest first',
      { sequence: 7, at: T },
      T + 2_500,
      [
        { sequence: 8, at: T + 1_000 },
        { sequence: 9, at: T + 2_000 },
      ],
      0,
    ],
  ])('%s', (_, last, now, beats, skipped) => {
    expect(dueBeats(last, now)).toEqual({ beats, skipped })
  })

  it('makes up for ten minutes, and counts what is older', () => {
    const { beats, skipped } = dueBeats({ sequence: 7, at: T }, T + 601_000)
    expect(skipped).toBe(1)
    expect(beats).toHaveLength(600)
    expect([beats[0], beats.at(-1)]).toEqual([
      { sequence: 8, at: T + 2_000 },
      { sequence: 607, at: T + 601_000 },
    ])
  })

  it('accounts for every second once, however often somebody looks', () => {
    const looks = fc.array(fc.integer({ min: 0, max: 900_000 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(looks, (pauses) => {
        let [now, accounted] = [T, 0]
        let last: Beat = { sequence: 0, at: T }
        for (const pause of pauses) {
          now += pause
          const { beats, skipped } = dueBeats(last, now)
          const isNext = ({ sequence, at }: Beat, index: number) =>
            sequence === last.sequence + 1 + index && at % 1_000 === 0
          expect(beats.every(isNext)).toBe(true)
          last = beats.at(-1) ?? last
          accounted += beats.length + skipped
        }
        expect(accounted).toBe(Math.floor((now - T) / 1_000))
        expect(last.at).toBe(now - (now % 1_000))
      }),
    )
  })

  it('tells how long the next one is off', () => {
    expect([T, T + 1, T + 999].map(untilNextBeat)).toEqual([1_000, 999, 1])
  })
})
