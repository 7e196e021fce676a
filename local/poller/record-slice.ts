import type { PartitionId } from '../../shared/domain/record.ts'
import type { EncodedRecords } from './record-json.ts'

/** Records `from` (inclusive) to `to` (exclusive) of a stretch of encoded records; never empty. */
export interface Piece {
  readonly encoded: EncodedRecords
  readonly from: number
  readonly to: number
}

/** Records of one partition in offset order, cut out of what was fetched without copying; never empty. */
export interface RecordSlice extends PartitionId {
  readonly pieces: readonly [Piece, ...Piece[]]
}

const startOf = ({ encoded, from }: Piece): number => (from === 0 ? 0 : (encoded.ends[from - 1] ?? 0))
const endOf = ({ encoded, to }: Piece): number => encoded.ends[to - 1] ?? 0

/** JSON bytes, one comma for each record included. */
export const pieceBytes = (piece: Piece): number => endOf(piece) - startOf(piece)
export const pieceJson = (piece: Piece): Buffer => piece.encoded.json.subarray(startOf(piece), endOf(piece))
export const pieceCount = ({ from, to }: Piece): number => to - from

/** How many records of the piece, at most `most`, fit in `bytes` of JSON. */
export const fittingRecords = (piece: Piece, most: number, bytes: number): number => {
  const { encoded, from, to } = piece
  const start = startOf(piece)
  let low = from
  let high = Math.min(to, from + most)
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((encoded.ends[middle - 1] ?? 0) - start <= bytes) low = middle
    else high = middle - 1
  }
  return low - from
}

export const sliceOf = (partition: PartitionId, pieces: readonly Piece[]): RecordSlice | undefined => {
  const [first, ...rest] = pieces.filter((piece) => pieceCount(piece) > 0)
  if (first === undefined) return undefined
  return { topic: partition.topic, partition: partition.partition, pieces: [first, ...rest] }
}

export const sliceBytes = ({ pieces }: RecordSlice): number => pieces.reduce((sum, piece) => sum + pieceBytes(piece), 0)
export const sliceCount = ({ pieces }: RecordSlice): number => pieces.reduce((sum, piece) => sum + pieceCount(piece), 0)

export const firstOffset = ({ pieces: [first] }: RecordSlice): number => first.encoded.offsets[first.from] ?? Number.NaN

export const lastOffset = ({ pieces }: RecordSlice): number => {
  const last = pieces.at(-1) ?? pieces[0]
  return last.encoded.offsets[last.to - 1] ?? Number.NaN
}

/** The first `count` records and the rest; either is absent when it has no record. */
export const splitSlice = (slice: RecordSlice, count: number): [RecordSlice | undefined, RecordSlice | undefined] => {
  const head: Piece[] = []
  const tail: Piece[] = []
  let left = Math.max(count, 0)
  for (const piece of slice.pieces) {
    const cut = piece.from + Math.min(left, pieceCount(piece))
    head.push({ ...piece, to: cut })
    tail.push({ ...piece, from: cut })
    left -= cut - piece.from
  }
  return [sliceOf(slice, head), sliceOf(slice, tail)]
}

/** Only the records with these offsets. */
export const pickFromSlice = (slice: RecordSlice, offsets: ReadonlySet<number>): RecordSlice | undefined => {
  const picked: Piece[] = []
  for (const { encoded, from, to } of slice.pieces) {
    for (let record = from; record < to; record++) {
      if (offsets.has(encoded.offsets[record] ?? Number.NaN)) picked.push({ encoded, from: record, to: record + 1 })
    }
  }
  return sliceOf(slice, picked)
}

export const joinSlices = (slice: RecordSlice, next: RecordSlice | undefined): RecordSlice =>
  next === undefined ? slice : { ...slice, pieces: [...slice.pieces, ...next.pieces] }

/** Once and for all done with the slice: its bytes may be overwritten. */
export const releaseSlice = ({ pieces }: RecordSlice): void => {
  for (const piece of pieces) piece.encoded.release(pieceCount(piece))
}
