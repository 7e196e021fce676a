import fc from 'fast-check'
import type { Run } from '../../shared/domain/run.ts'

const gap = fc.oneof(fc.bigInt(0n, 3n), fc.bigInt(0n, 1n << 40n))

/** Runs that ascend in both coordinates and never touch on both sides, as an offset map holds them. */
export const anyRuns = (constraints: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<Run[]> =>
  fc.array(fc.tuple(gap, gap, fc.bigInt(1n, 1n << 20n)), constraints).map((deltas) => {
    let source = 0n
    let target = 0n
    return deltas.map(([sourceGap, targetGap, length]) => {
      const touches = sourceGap === 0n && targetGap === 0n
      source += touches ? 1n : sourceGap
      target += targetGap
      const run = { source, target, length }
      source += length
      target += length
      return run
    })
  })
