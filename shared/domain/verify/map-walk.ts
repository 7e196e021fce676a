import { type Run, sourceEnd, targetEnd } from '../run.ts'

/** Part of what a verified range consists of, in the order of the source. */
export type Segment =
  /** Each source offset became the target offset `shift` above it. */
  | { readonly kind: 'run'; readonly from: bigint; readonly to: bigint; readonly shift: bigint }
  | { readonly kind: 'looped'; readonly from: bigint; readonly to: bigint }
  /** Source offsets that no run covers. */
  | { readonly kind: 'hole'; readonly from: bigint; readonly to: bigint }
  /** Target offsets that no run covers; they lie before the record of source offset `before`. */
  | { readonly kind: 'uncovered'; readonly from: bigint; readonly to: bigint; readonly before: bigint }

/** Cuts the source offsets `from` (inclusive) to `to` (exclusive) along the runs of the map, which come one by one. */
export class MapWalk {
  readonly #from: bigint
  readonly #to: bigint
  #at: bigint
  #targetAt: bigint | undefined

  /** `targetAt`: up to where an earlier walk from here has come on the target. */
  constructor(from: bigint, to: bigint, targetAt?: bigint) {
    this.#from = from
    this.#to = to
    this.#at = from
    this.#targetAt = targetAt
  }

  /** Whether no later run lies in the range. */
  get done(): boolean {
    return this.#at >= this.#to
  }

  /** Where the records end on the target that were walked over; `undefined`: there were none. */
  get targetEnd(): bigint | undefined {
    return this.#targetAt
  }

  step(run: Run): Segment[] {
    const segments = this.#segmentsUpTo(run)
    if (isPlaced(run)) this.#targetAt = targetEnd(run)
    return segments
  }

  /** What comes after the last run. */
  end(): Segment[] {
    return this.#holeUpTo(this.#to)
  }

  #segmentsUpTo(run: Run): Segment[] {
    const [start, end] = [larger(run.source, this.#from), smaller(sourceEnd(run), this.#to)]
    if (start >= end) return run.source >= this.#to ? this.end() : []
    const segments = [...this.#holeUpTo(start), ...this.#uncoveredBefore(run)]
    segments.push(
      run.looped
        ? { kind: 'looped', from: start, to: end }
        : { kind: 'run', from: start, to: end, shift: run.target - run.source },
    )
    this.#at = end
    return segments
  }

  #holeUpTo(to: bigint): Segment[] {
    const from = this.#at
    if (to <= from) return []
    this.#at = to
    return [{ kind: 'hole', from, to }]
  }

  /** Told by the range in which the run begins. */
  #uncoveredBefore({ source, target, looped }: Run): Segment[] {
    const from = this.#targetAt
    if (looped || from === undefined || from >= target || source < this.#from) return []
    return [{ kind: 'uncovered', from, to: target, before: source }]
  }
}

/** A looped run takes no place, and says where the records before it end, when there are any. */
const isPlaced = ({ looped, target }: Run): boolean => looped === undefined || target > 0n

const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other)
const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other)
