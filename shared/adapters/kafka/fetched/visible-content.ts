import type { LogContent, LogRecord, RecordlessStretch } from '../../../domain/log-record.ts'
import type { Isolation } from '../../../usecases/log-ports.ts'
import type { AbortedTransaction } from '../requests/fetch-request.ts'
import { batchesIn, type FetchedBatch } from './record-batches.ts'

/** What a piece weighs at most, but for its last record. */
const PIECE_BYTES = 4 * 1024 * 1024
/** What a record takes in memory besides its bytes, so that a piece of small ones is no larger than one of large ones. */
const RECORD_OVERHEAD_BYTES = 512

/**
 * What a reader sees of fetched batches from an offset on, piece by piece; the first batch may begin before it. Throws
 * `DamagedBatch` and `TooLargeAtOnce`.
 */
export async function* visibleContent(
  from: bigint,
  { bytes, aborted }: { readonly bytes: Buffer; readonly aborted: readonly AbortedTransaction[] },
  isolation: Isolation,
): AsyncGenerator<LogContent> {
  let piece = new Piece(from)
  for (const { batch, isAborted } of judged(batchesIn(bytes), aborted)) {
    if (batch.lastOffset < from) continue
    const isUnseen = isAborted && isolation === 'committed'
    if (batch.marker !== undefined || isUnseen) piece.pass(batch, batch.marker === undefined ? 'aborted' : 'marker')
    else
      for await (const records of batch.records())
        for (const record of records) {
          if (record.offset < from) continue
          if (piece.isFull) {
            yield piece
            piece = new Piece(piece.next)
          }
          piece.add(isAborted ? { ...record, aborted: true } : record)
        }
    piece.next = batch.lastOffset + 1n
  }
  yield piece
}

class Piece implements LogContent {
  readonly records: LogRecord[] = []
  readonly recordless: RecordlessStretch[] = []
  next: bigint
  #bytes = 0

  constructor(from: bigint) {
    this.next = from
  }

  get isFull(): boolean {
    return this.#bytes >= PIECE_BYTES
  }

  add(record: LogRecord): void {
    this.records.push(record)
    this.next = record.offset + 1n
    this.#bytes += RECORD_OVERHEAD_BYTES + bytesOf(record)
  }

  pass({ baseOffset, lastOffset }: FetchedBatch, kind: RecordlessStretch['kind']): void {
    this.recordless.push({ from: baseOffset < this.next ? this.next : baseOffset, to: lastOffset + 1n, kind })
  }
}

const bytesOf = ({ key, value, headers }: LogRecord): number =>
  headers.reduce(
    (sum, header) => sum + header.name.length + (header.value?.length ?? 0) + RECORD_OVERHEAD_BYTES / 2,
    (key?.length ?? 0) + (value?.length ?? 0),
  )

/** From where its aborted transaction begins until its marker, a producer's transactional batches do not count. */
function* judged(
  batches: Iterable<FetchedBatch>,
  aborted: readonly AbortedTransaction[],
): Generator<{ readonly batch: FetchedBatch; readonly isAborted: boolean }> {
  const waiting = aborted.toSorted((one, other) => (one.firstOffset < other.firstOffset ? -1 : 1))
  const aborting = new Set<bigint>()
  for (const batch of batches) {
    while (waiting[0] !== undefined && waiting[0].firstOffset <= batch.lastOffset) {
      aborting.add(waiting[0].producerId)
      waiting.shift()
    }
    if (batch.marker === 'abort') aborting.delete(batch.producerId)
    yield { batch, isAborted: batch.transactional && aborting.has(batch.producerId) }
  }
}
