/**
 * A stretch of source offsets that became a stretch of target offsets, one to one; or, when `looped`, whose records came
 * from the target and were not copied back to it.
 */
export interface Run {
  readonly source: bigint
  /** Of a looped run: where the replicated records before it end; 0 when there are none. */
  readonly target: bigint
  readonly length: bigint
  /** It takes no place on the target. */
  readonly looped?: true
}

export const sourceEnd = ({ source, length }: Run): bigint => source + length
export const targetEnd = ({ target, length, looped }: Run): bigint => (looped ? target : target + length)

export const isReplicated = ({ looped }: Run): boolean => looped === undefined

/** Whether `next` goes on where `run` ends, on both sides, so that the two are one run. */
export const continues = (run: Run, next: Run): boolean =>
  run.looped === next.looped && sourceEnd(run) === next.source && targetEnd(run) === next.target
