import type { PartitionBatch, PolledRecord } from '../../shared/domain/record.ts'
import type { Deadline } from '../../shared/usecases/ports.ts'
import type { Deadlines } from '../../shared/usecases/replication/replicate-partition.ts'

/** A record whose bytes follow from its offset (and `life`, where two incarnations must differ). */
export const polled = (offset: number, life = 'first'): PolledRecord => ({
  offset,
  timestamp: 1_700_000_000_000 + offset,
  key: Buffer.from(`key-${offset}`).toString('base64'),
  value: Buffer.from(`${life}-${offset}`).toString('base64'),
  headers: [],
})

export const batchOf = (
  offsets: readonly number[],
  { topic = 'orders', partition = 0, life = 'first' } = {},
): PartitionBatch => {
  const [first, ...others] = offsets.map((offset) => polled(offset, life))
  if (first === undefined) throw new RangeError('a batch has at least one record')
  return { topic, partition, records: [first, ...others] }
}

/** Offsets `from` to `to`, both included. */
export const offsets = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at)

const inTime = (): Deadline => ({ at: Date.now() + 60_000, signal: new AbortController().signal })

/** Deadlines that a test will not meet. */
export const deadlinesInTime = (): Deadlines => ({ append: inTime(), state: inTime() })
