import { packedSizeBytes } from './packed-runs.ts'
import type { PolledRecord } from './record.ts'
import type { Run } from './run.ts'

/**
 * Of a note, in bytes before base64 makes them a third more. The rest is for where the records will lie on the target,
 * which is not known yet.
 */
const RUNS_BYTES = 1_500

/** How many of the records make so few runs that the note of one transaction can tell all of them; at least one. */
export const tellable = (records: readonly PolledRecord[], looped: readonly number[]): number => {
  const turnedBack = new Set(looped)
  let run: Run | undefined
  let bytes = 0
  for (const [at, { offset }] of records.entries()) {
    const isLooped = turnedBack.has(offset)
    const goesOn = run !== undefined && BigInt(offset) === run.source + run.length && isLooped === (run.looped ?? false)
    if (run !== undefined && goesOn) run = { ...run, length: run.length + 1n }
    else {
      const next: Run = {
        source: BigInt(offset),
        target: run === undefined || run.looped ? (run?.target ?? 0n) : run.target + run.length,
        length: 1n,
        ...(isLooped && { looped: true }),
      }
      bytes += packedSizeBytes(next, run) + LENGTH_RESERVE_BYTES
      if (bytes > RUNS_BYTES) return Math.max(1, at)
      run = next
    }
  }
  return records.length
}

/** A run is measured when it begins, with the length of 1. */
const LENGTH_RESERVE_BYTES = 1
