import type { Hole } from './intake.ts'
import { type Run, sourceEnd, targetEnd } from './run.ts'

/** The stretches that `offsets` make; they ascend. */
export const stretchesOf = (offsets: readonly number[]): Hole[] => {
  const stretches: Hole[] = []
  let [from] = offsets
  for (const [at, offset] of offsets.entries()) {
    if (offsets[at + 1] === offset + 1) continue
    stretches.push({ from: BigInt(from ?? offset), to: BigInt(offset) + 1n })
    from = offsets[at + 1]
  }
  return stretches
}

/** `placed` and the looped stretches between them, in the order of the source; `openRuns` is what comes before all of them. */
export const withLooped = (
  openRuns: readonly Run[],
  placed: readonly Run[],
  looped: readonly Hole[],
): readonly Run[] => {
  const runs: Run[] = []
  const loopedRun = ({ from, to }: Hole): Run => {
    const before = runs.at(-1) ?? openRuns.at(-1)
    return { source: from, target: before === undefined ? 0n : targetEnd(before), length: to - from, looped: true }
  }
  let next = 0
  for (const run of placed) {
    for (let hole = looped[next]; hole !== undefined && hole.from < sourceEnd(run); hole = looped[++next])
      runs.push(loopedRun(hole))
    runs.push(run)
  }
  for (const hole of looped.slice(next)) runs.push(loopedRun(hole))
  return runs
}
