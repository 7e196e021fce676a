import type { LogContent, LogRecord, RecordlessStretch } from '../../../domain/log-record.ts'
import type { Isolation } from '../../../usecases/log-ports.ts'
import type { AbortedTransaction } from '../requests/fetch-request.ts'
import { batchesIn, type FetchedBatch } from './record-batches.ts'

/** What a reader sees of fetched batches from an offset on; the first batch may begin before it. Throws `DamagedBatch`. */
export const visibleContent = (
  from: bigint,
  { bytes, aborted }: { readonly bytes: Buffer; readonly aborted: readonly AbortedTransaction[] },
  isolation: Isolation,
): LogContent => {
  const records: LogRecord[] = []
  const recordless: RecordlessStretch[] = []
  let next = from
  for (const { batch, isAborted } of judged(batchesIn(bytes), aborted)) {
    if (batch.lastOffset < from) continue
    const begin = batch.baseOffset < from ? from : batch.baseOffset
    next = batch.lastOffset + 1n
    if (batch.marker !== undefined) recordless.push({ from: begin, to: next, kind: 'marker' })
    else if (isAborted && isolation === 'committed') recordless.push({ from: begin, to: next, kind: 'aborted' })
    else
      for (const record of batch.records())
        if (record.offset >= from) records.push(isAborted ? { ...record, aborted: true } : record)
  }
  return { records, recordless, next }
}

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
