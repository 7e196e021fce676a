import type { PolledRecord } from './record.ts'
import type { Run } from './run.ts'

/** Records `first` to `first + count - 1` of a batch are on the target from offset `target` on, acknowledged by all in-sync replicas. */
export interface Placement {
  readonly first: number
  readonly count: number
  readonly target: bigint
}

/** The runs that placements of `records` make: a placement breaks wherever a source offset is missing. */
export const runsOf = (records: readonly PolledRecord[], placements: readonly Placement[]): Run[] =>
  placements.flatMap((placement) => runsOfOne(records, placement))

const runsOfOne = (records: readonly PolledRecord[], { first, count, target }: Placement): Run[] => {
  const runs: Run[] = []
  let start = first
  for (let at = first; at < first + count; at++) {
    const continues = at + 1 < first + count && offsetAt(records, at + 1) === offsetAt(records, at) + 1
    if (continues) continue
    runs.push({
      source: BigInt(offsetAt(records, start)),
      target: target + BigInt(start - first),
      length: BigInt(at + 1 - start),
    })
    start = at + 1
  }
  return runs
}

const offsetAt = (records: readonly PolledRecord[], index: number): number => {
  const record = records[index]
  if (record === undefined) throw new RangeError(`a placement names record ${index} of ${records.length}`)
  return record.offset
}
