import type { PartitionId } from '../../domain/record.ts'
import type { LogReader } from '../log-ports.ts'
import type { Deadline } from '../ports.ts'

/** Offsets `from` (inclusive) to `to` (exclusive) of one partition, and how many reads they are worth. */
export interface Rest {
  readonly from: bigint
  readonly to: bigint
  readonly maxReads: number
}

/** `offsets`: that were left unread, each of which may be a record. */
export interface CountedRest {
  readonly records: number
  readonly offsets: bigint
}

const MAX_BYTES = 256 * 1_024
/** A leader that has just changed may bring nothing at first. */
const EMPTY_READS = 3

/** How many committed records lie in a stretch of a log: markers and what was aborted are none. Throws what a read throws. */
export const countRecords = async (
  partition: PartitionId,
  { from, to, maxReads }: Rest,
  deadline: Deadline,
  log: Pick<LogReader, 'read'>,
): Promise<CountedRest> => {
  let [at, records, empty] = [from, 0, 0]
  for (let reads = 0; at < to && reads < maxReads && empty < EMPTY_READS; reads++) {
    const read = await log.read(partition, at, { maxBytes: MAX_BYTES, isolation: 'committed' }, deadline)
    if (read.kind === 'out-of-range') {
      if (at >= read.edges.start) break
      at = read.edges.start // retention took what was there, and it is no record any more
      continue
    }
    records += read.records.filter(({ offset }) => offset < to).length
    empty = read.next > at ? 0 : empty + 1
    at = read.next > at ? read.next : at
  }
  return { records, offsets: at < to ? to - at : 0n }
}
