import { PartitionLog, type Visibility } from '../../local/check/partition-log.ts'
import type { LogRecord } from '../../local/check/record-batch-reader.ts'

/** A record all of whose bytes follow from one word. */
export const recordOf = (word: string, own: Partial<LogRecord> = {}): Omit<LogRecord, 'offset'> => ({
  timestamp: 1_700_000_000_000,
  key: Buffer.from(`key of ${word}`),
  value: Buffer.from(word),
  headers: [],
  ...own,
})

interface Placed {
  readonly word: string
  readonly offset: number
  readonly visibility?: Visibility
  /** Differs from what the word says. */
  readonly own?: Partial<LogRecord>
}

/** A log with these records; a word in itself is a committed record at the next offset, `.` is an offset without one. */
export const logOf = (entries: string | readonly (string | Placed)[], first = 0): PartitionLog => {
  const log = new PartitionLog({ topic: 'orders', partition: 0 })
  log.logStart = BigInt(first)
  let next = first
  for (const entry of typeof entries === 'string' ? entries.split(' ') : entries) {
    const placed: Placed = typeof entry === 'string' ? { word: entry, offset: next } : entry
    const { word, offset, visibility = 'committed', own = {} } = placed
    if (word !== '.') log.append({ ...recordOf(word, own), offset: BigInt(offset) }, visibility)
    next = offset + 1
  }
  log.logEnd = BigInt(next)
  return log
}
