import { expect, it } from 'vitest'
import { startPart } from '../../../../../shared/usecases/lag/lag-deps.ts'
import { inTime } from '../../../../support/in-time.ts'

const NOW = 1_700_000_000_000

it.each([
  [5_000, 10_000, 5_000],
  [5_000, 5_000, 3_000],
  [5_000, 0, 0],
])('a part of %i ms gets of the %i ms that are left %i, so that something is left for the rest', (most, left, part) => {
  const asked: number[] = []
  const within = (ms: number) => {
    asked.push(ms)
    return { ...inTime(), end: () => undefined }
  }
  startPart(most, { at: NOW + left, signal: AbortSignal.timeout(1_000) }, { within, clock: { now: () => NOW } })
  expect(asked).toEqual([part])
})
