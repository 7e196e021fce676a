import fc from 'fast-check'
import { type Run, sourceEnd, targetEnd } from '../../shared/domain/run.ts'

const NOTHING: Run = { source: 0n, target: 0n, length: 0n }

const gap = fc.oneof(fc.bigInt(0n, 3n), fc.bigInt(0n, 1n << 40n))

/** Runs that ascend in both coordinates and never touch on both sides, as an offset map holds them; some are looped. */
export const anyRuns = (constraints: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<Run[]> =>
  fc
    .array(
      fc.record({ sourceGap: gap, targetGap: gap, length: fc.bigInt(1n, 1n << 20n), looped: fc.boolean() }),
      constraints,
    )
    .map((deltas) => {
      const runs: Run[] = []
      for (const { sourceGap, targetGap, length, looped } of deltas) {
        const before = runs.at(-1) ?? NOTHING
        const jump = looped ? 0n : targetGap
        const touches = sourceGap === 0n && jump === 0n
        const source = sourceEnd(before) + (touches ? 1n : sourceGap)
        runs.push({ source, target: targetEnd(before) + jump, length, ...(looped && { looped }) })
      }
      return runs
    })
