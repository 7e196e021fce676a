import type { Position } from '../../shared/domain/translation.ts'
import type { Comparison } from './comparison.ts'

/** Where the product lets a group resume that committed this source offset. */
export type Translate = (committed: bigint) => Position

export interface MapError {
  readonly sourceOffset: bigint
  readonly targetOffset?: bigint
  readonly detail: string
}

export interface MapJudgement {
  /** Source offsets that translate to a wrong place. */
  readonly errors: number
  readonly firstErrors: readonly MapError[]
  /** Source offsets whose place is right, but before copies of read records that a later place would have spared. */
  readonly rereads: number
}

type Judgement = 'right' | 'rereads' | { readonly wrong: string }

const ERRORS_KEPT = 3

/**
 * Translates every source offset, the end of the log included, and compares with where the records really are: the group
 * must resume at a copy of the first replicated record that it has not read, and every later record must have a copy
 * after that place.
 */
export const judgeMap = (comparison: Comparison, translate: Translate): MapJudgement => {
  const truth = new MapTruth(comparison)
  const firstErrors: MapError[] = []
  let errors = 0
  let rereads = 0
  for (let committed = comparison.source.logStart; committed <= comparison.source.logEnd; committed++) {
    const position = translate(committed)
    const judgement = truth.judge(committed, position)
    if (judgement === 'rereads') rereads++
    if (typeof judgement === 'string') continue
    errors++
    if (firstErrors.length < ERRORS_KEPT)
      firstErrors.push({
        sourceOffset: committed,
        ...('target' in position && { targetOffset: position.target }),
        detail: judgement.wrong,
      })
  }
  return { errors, firstErrors, rereads }
}

class MapTruth {
  readonly #comparison: Comparison
  /** For each record, and for the end, the first replicated record from there on. */
  readonly #nextReplicated: readonly (number | undefined)[]
  /** For each record, and for the end, the last place on the target from which no replicated record from there on is missed. */
  readonly #latestPlace: readonly number[]
  /** From here on the target holds nothing but copies of what came before, and what was put back. */
  readonly #repetitionsFrom: number

  constructor(comparison: Comparison) {
    this.#comparison = comparison
    const { expected, last, replayed, target } = comparison
    const nextReplicated: (number | undefined)[] = [...expected.map(() => undefined), undefined]
    const latestPlace = [...expected.map(() => target.size), target.size]
    for (let at = expected.length - 1; at >= 0; at--) {
      const lastCopy = replayed.has(at) ? undefined : last[at]
      nextReplicated[at] = lastCopy === undefined ? nextReplicated[at + 1] : at
      latestPlace[at] = Math.min(lastCopy ?? target.size, latestPlace[at + 1] ?? target.size)
    }
    this.#nextReplicated = nextReplicated
    this.#latestPlace = latestPlace
    this.#repetitionsFrom = repetitionsFrom(comparison)
  }

  judge(committed: bigint, position: Position): Judgement {
    const { source, target, copyOf } = this.#comparison
    const unread = this.#nextReplicated[this.#placeOf(committed)]
    if (position.kind === 'unmapped') {
      return this.#nextReplicated[0] === undefined ? 'right' : { wrong: 'unmapped, although records are on the target' }
    }
    const claim = this.#judgeClaim(committed, position.kind, unread)
    if (claim !== undefined) return { wrong: claim }
    const landing = target.positionOf(position.target)
    if (unread === undefined) return this.#judgeEnd(landing)
    if (copyOf[landing] !== unread) {
      const wanted = source.offset(this.#comparison.expected[unread] ?? 0)
      return { wrong: `resumes at ${this.#describe(landing)}; the next unread one is source offset ${wanted}` }
    }
    return this.#judgeCopy(landing, unread)
  }

  /** The claims that come with a position are facts too. */
  #judgeClaim(committed: bigint, kind: Position['kind'], unread: number | undefined): string | undefined {
    const { source, expected } = this.#comparison
    if (kind === 'ahead' && unread !== undefined) return 'called ahead, although a replicated record follows'
    const first = this.#nextReplicated[0]
    const begin = first === undefined ? undefined : source.offset(expected[first] ?? 0)
    if (kind === 'before-start' && (begin === undefined || committed >= begin)) return 'called before the start'
    return undefined
  }

  #judgeEnd(landing: number): Judgement {
    if (landing === this.#comparison.target.size) return 'right'
    if (landing >= this.#repetitionsFrom) return 'rereads'
    return { wrong: `everything was read, but it resumes at ${this.#describe(landing)}` }
  }

  #judgeCopy(landing: number, unread: number): Judgement {
    const latest = this.#latestPlace[unread] ?? 0
    if (landing > latest) return { wrong: 'a later record has no copy after that place' }
    const { first, again } = this.#comparison
    const copies = [first[unread] ?? 0, ...(again.get(unread) ?? [])]
    return copies.some((copy) => copy > landing && copy <= latest) ? 'rereads' : 'right'
  }

  #placeOf(committed: bigint): number {
    const { source, expected } = this.#comparison
    const position = source.positionOf(committed)
    let low = 0
    let high = expected.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((expected[middle] ?? 0) < position) low = middle + 1
      else high = middle
    }
    return low
  }

  #describe(landing: number): string {
    const { source, target, expected, copyOf } = this.#comparison
    if (landing === target.size) return 'the end'
    const copied = copyOf[landing]
    if (copied === undefined) return 'a record that is not on the source'
    return `a copy of source offset ${source.offset(expected[copied] ?? 0)}`
  }
}

const repetitionsFrom = ({ copyOf, first, replayed }: Comparison): number => {
  let at = copyOf.length
  for (; at > 0; at--) {
    const copied = copyOf[at - 1]
    if (copied === undefined || (first[copied] === at - 1 && !replayed.has(copied))) break
  }
  return at
}
