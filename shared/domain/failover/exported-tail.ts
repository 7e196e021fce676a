import { type PartitionId, partitionName } from '../record.ts'
import { isSettled, type TailPart } from './stranded-tail.ts'

/** One life of a partition whose tail was exported. */
export interface TailLife extends PartitionId {
  readonly incarnation: string
}

export const lifeName = (life: TailLife): string => `${partitionName(life)} ${life.incarnation}`

/** Offsets `from` (inclusive) to `to` (exclusive) of an exported tail that nobody can read any more. */
export interface UnreadStretch extends TailLife {
  readonly from: bigint
  readonly to: bigint
  /** What is wrong with the piece that should hold them; absent: there is none. */
  readonly damage?: string
}

/** The pieces that there are of one life, as far as their names tell. */
export interface TailPiece extends TailLife {
  readonly from: bigint
  readonly to: bigint
}

/** Follows the pieces of one life in the order in which they begin; they may overlap. */
export class TailWalk {
  readonly #life: TailLife
  #at: bigint
  #due: bigint
  #damage: string | undefined

  /** `part`: absent where the ledger knows nothing of the life. */
  constructor(piece: TailLife & { readonly from: bigint }, part?: Pick<TailPart, 'first' | 'settledTo'>) {
    const { topic, partition, incarnation, from } = piece
    this.#life = { topic, partition, incarnation }
    this.#at = part?.first ?? from
    this.#due = part?.settledTo ?? from
  }

  /** The first offset that was not passed yet. */
  get at(): bigint {
    return this.#at
  }

  /** What lies before `offset`, and no piece held. */
  upTo(offset: bigint): readonly UnreadStretch[] {
    if (offset <= this.#at) return []
    const from = this.#at
    this.#at = offset
    return [{ ...this.#life, from, to: offset, ...(this.#damage !== undefined && { damage: this.#damage }) }]
  }

  passed({ to }: TailPiece): void {
    if (to > this.#at) this.#at = to
    this.#damage = undefined
  }

  /** Another piece may hold the same offsets. */
  damaged({ to }: TailPiece, damage: string): void {
    if (to > this.#due) this.#due = to
    this.#damage = damage
  }

  /** What should have come after the last piece. */
  end(): readonly UnreadStretch[] {
    return this.upTo(this.#due)
  }
}

/**
 * How much of a tail is kept. `going-on`: as far as it is settled. `incomplete`: pieces are missing. `nothing`: it was
 * merged or discarded, or all pieces are gone.
 */
export type KeptTail = 'whole' | 'going-on' | 'incomplete' | 'nothing'

/** Follows all pieces of an execution by their names, in the order in which those of each life begin. */
export class TailPieces {
  readonly #walks: ReadonlyMap<string, TailWalk>
  readonly #holed = new Set<string>()
  #some = false

  constructor(parts: readonly TailPart[]) {
    this.#walks = new Map(parts.map((part) => [lifeName(part), new TailWalk({ ...part, from: part.first }, part)]))
  }

  add(piece: TailPiece): void {
    const name = lifeName(piece)
    const walk = this.#walks.get(name)
    this.#some = true
    if ((walk?.upTo(piece.from).length ?? 0) > 0) this.#holed.add(name)
    walk?.passed(piece)
  }

  /** Once all were added. */
  keptOf(parts: readonly TailPart[]): KeptTail {
    const isHeld = (part: TailPart): boolean => {
      const name = lifeName(part)
      return !this.#holed.has(name) && (this.#walks.get(name)?.at ?? 0n) >= part.settledTo
    }
    if (parts.every(isHeld)) return parts.every(isSettled) ? 'whole' : 'going-on'
    return this.#some ? 'incomplete' : 'nothing'
  }
}
