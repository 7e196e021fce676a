import type { PartitionId } from '../../shared/domain/record.ts'
import type { EncodedRecords } from './record-json.ts'
import { fittingRecords, type Piece, pieceBytes, pieceCount, type RecordSlice, sliceOf } from './record-slice.ts'

interface Arrival {
  readonly piece: Piece
  readonly arrivedAtMs: number
}

/** What was fetched of one partition and waits to be delivered, in offset order. */
export class PartitionQueue implements PartitionId {
  readonly topic: string
  readonly partition: number
  #arrivals: Arrival[] = []
  #bytes = 0
  #count = 0

  constructor({ topic, partition }: PartitionId) {
    this.topic = topic
    this.partition = partition
  }

  get bytes(): number {
    return this.#bytes
  }

  get count(): number {
    return this.#count
  }

  /** When the oldest waiting record came; undefined when none waits. */
  get waitingSinceMs(): number | undefined {
    return this.#arrivals[0]?.arrivedAtMs
  }

  /** JSON bytes of the oldest waiting record, 0 when none waits. */
  get firstBytes(): number {
    const piece = this.#arrivals[0]?.piece
    return piece === undefined ? 0 : pieceBytes({ ...piece, to: piece.from + 1 })
  }

  add(encoded: EncodedRecords, arrivedAtMs: number): void {
    const piece: Piece = { encoded, from: 0, to: encoded.offsets.length }
    if (pieceCount(piece) === 0) return
    this.#arrivals.push({ piece, arrivedAtMs })
    this.#bytes += pieceBytes(piece)
    this.#count += pieceCount(piece)
  }

  /** The oldest records, at most `mostRecords` and `mostBytes`; undefined when not even one fits. */
  take(mostRecords: number, mostBytes: number): RecordSlice | undefined {
    const taken: Piece[] = []
    let records = mostRecords
    let bytes = mostBytes
    for (let arrival = this.#arrivals[0]; arrival !== undefined; arrival = this.#arrivals[0]) {
      const { piece } = arrival
      const fitting = fittingRecords(piece, records, bytes)
      if (fitting === 0) break
      const part = { ...piece, to: piece.from + fitting }
      taken.push(part)
      records -= fitting
      bytes -= pieceBytes(part)
      this.#drop(arrival, part)
      if (part.to < piece.to) break
    }
    return sliceOf(this, taken)
  }

  #drop({ piece, arrivedAtMs }: Arrival, part: Piece): void {
    if (part.to === piece.to) this.#arrivals.shift()
    else this.#arrivals[0] = { piece: { ...piece, from: part.to }, arrivedAtMs }
    this.#bytes -= pieceBytes(part)
    this.#count -= pieceCount(part)
  }
}
