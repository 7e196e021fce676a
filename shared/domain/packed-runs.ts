import { type Run, sourceEnd, targetEnd } from './run.ts'
import { pushVarint, varintSizeBytes, varintsIn } from './varints.ts'

/**
 * Runs as bytes: a version, then varints.
 *
 *   2 | 2 * (source - end of the run before)     | target - end of the run before | length - 1 | ...
 *     | 2 * (source - end of the run before) + 1 | length - 1 | ...                              a looped run
 *
 * The first run counts from 0. A looped run begins on the target where the run before it ends, so that only the first one
 * says where. A commit marker between two transactions is a source gap of 1 and a target gap of 0, so that such a run
 * takes 3 bytes up to 128 records, 4 up to 16,384; a looped run takes one less.
 *
 * Version 1, which is still read, has no looped runs and does not double the source gap.
 */
const VERSION = 2
const VERSION_WITHOUT_LOOPED = 1
const OFFSET_BITS = 63n
const DOUBLED_BITS = 64n

const START: Run = { source: 0n, target: 0n, length: 0n }

/** `before` undefined: the run is the first. */
const parts = (before: Run | undefined, run: Run): readonly bigint[] => {
  const sourceGap = run.source - sourceEnd(before ?? START)
  const targetGap = run.target - targetEnd(before ?? START)
  const more = run.length - 1n
  const floats = run.looped !== undefined && before !== undefined && targetGap !== 0n
  if (floats || [sourceGap, targetGap, more].some((part) => part < 0n)) {
    throw new RangeError(`runs do not ascend at source offset ${run.source}, target offset ${run.target}`)
  }
  if (run.looped === undefined) return [2n * sourceGap, targetGap, more]
  return before === undefined ? [2n * sourceGap + 1n, targetGap, more] : [2n * sourceGap + 1n, more]
}

/** What packing no runs takes. */
export const PACKED_NOTHING_BYTES = 1

/** What a run adds to the runs packed before it; the first one comes after nothing. */
export const packedSizeBytes = (run: Run, before?: Run): number =>
  parts(before, run).reduce((size, part) => size + varintSizeBytes(part), 0)

/** Throws a `RangeError` when the runs do not ascend in both coordinates. */
export const packRuns = (runs: readonly Run[]): Uint8Array => {
  const bytes = [VERSION]
  for (const [at, run] of runs.entries()) {
    for (const part of parts(runs[at - 1], run)) pushVarint(bytes, part)
  }
  return Uint8Array.from(bytes)
}

/** Throws a `RangeError` for bytes that `packRuns` never wrote. */
export const unpackRuns = (bytes: Uint8Array): readonly Run[] => {
  const [version] = bytes
  if (version === VERSION) return runsIn(varintsIn(bytes.subarray(1), DOUBLED_BITS))
  if (version !== VERSION_WITHOUT_LOOPED)
    throw new RangeError(`packed runs of version ${version}, known are ${VERSION_WITHOUT_LOOPED} and ${VERSION}`)
  const numbers = varintsIn(bytes.subarray(1), OFFSET_BITS)
  return runsIn(numbers.map((number, at) => (at % 3 === 0 ? 2n * number : number)))
}

const runsIn = (numbers: readonly bigint[]): Run[] => {
  const runs: Run[] = []
  for (let at = 0; at < numbers.length; ) {
    const looped = (numbers[at] ?? 0n) % 2n === 1n
    const floats = looped && runs.length > 0
    const [gap, target, more] = floats ? [numbers[at], 0n, numbers[at + 1]] : numbers.slice(at, at + 3)
    if (gap === undefined || target === undefined || more === undefined)
      throw new RangeError('packed runs end in the middle of a run')
    runs.push(runAfter(runs.at(-1) ?? START, gap / 2n, target, more, looped))
    at += floats ? 2 : 3
  }
  return runs
}

const runAfter = (before: Run, sourceGap: bigint, targetGap: bigint, more: bigint, looped: boolean): Run => ({
  source: sourceEnd(before) + sourceGap,
  target: targetEnd(before) + targetGap,
  length: more + 1n,
  ...(looped && { looped }),
})
