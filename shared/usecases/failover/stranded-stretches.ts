import { ReplicationError } from '../../domain/errors.ts'
import type { TailPart } from '../../domain/failover/stranded-tail.ts'
import { partitionName } from '../../domain/record.ts'
import type { LogReader } from '../log-ports.ts'
import type { Deadline } from '../ports.ts'
import { LogStream } from '../verify/log-stream.ts'
import type { OwnRecords } from './own-records.ts'
import type { TailStretch } from './tail-ports.ts'

export interface StrandedDeps {
  readonly reader: LogReader
  readonly own: OwnRecords
}

/**
 * The records of a tail from an offset on, piece by piece, of a few MiB each: without markers, and without those of aborted
 * transactions. Throws `SOURCE_UNREACHABLE` where a transaction is not decided, which its timeout ends.
 */
export async function* strandedStretches(
  part: TailPart,
  from: bigint,
  deadline: Deadline,
  { reader, own }: StrandedDeps,
): AsyncGenerator<TailStretch> {
  const { topic, partition, incarnation, to } = part
  const stream = new LogStream(reader, part, deadline)
  let at = from
  try {
    for await (const stretch of stream.between(from, to)) {
      const records = stretch.records.filter(({ aborted }) => aborted === undefined)
      const place = { topic, partition, incarnation, from: stretch.from, to: stretch.to }
      yield await own({ ...place, records, gone: stretch.trimmed }, deadline)
      at = stretch.to
    }
  } finally {
    await stream.close()
  }
  if (at >= to) return
  const doing = `reading the stranded tail of ${partitionName(part)}: a transaction is open at offset ${at}`
  throw new ReplicationError('SOURCE_UNREACHABLE', doing)
}
