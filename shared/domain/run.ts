/** A stretch of source offsets that became a stretch of target offsets, one to one. */
export interface Run {
  readonly source: bigint
  readonly target: bigint
  readonly length: bigint
}

export const sourceEnd = ({ source, length }: Run): bigint => source + length
export const targetEnd = ({ target, length }: Run): bigint => target + length

/** Whether `next` goes on where `run` ends, on both sides, so that the two are one run. */
export const continues = (run: Run, next: Run): boolean =>
  sourceEnd(run) === next.source && targetEnd(run) === next.target
