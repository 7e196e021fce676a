import { ReplicationError } from '../../domain/errors.ts'
import type { TailPart } from '../../domain/failover/stranded-tail.ts'
import type { LogRecord } from '../../domain/log-record.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { Deadline } from '../ports.ts'
import type { TailObject, TailStore } from './tail-ports.ts'

export interface StrandedRecord extends PartitionId {
  readonly incarnation: string
  readonly record: LogRecord
}

/**
 * The exported tail of a failover, record by record and each once, although pieces may overlap since somebody died between
 * keeping and remembering one. Holds one piece at a time. Throws `STATE_MALFORMED` where a piece is missing.
 */
export async function* readTail(
  execution: string,
  parts: readonly TailPart[],
  store: TailStore,
  deadline: Deadline,
): AsyncGenerator<StrandedRecord> {
  const next = new Map(parts.map((part) => [partitionName(part), part.first]))
  for await (const object of store.objects(execution, deadline)) {
    const name = partitionName(object)
    const at = next.get(name) ?? object.from
    if (object.to <= at) continue
    if (object.from > at) throw missing(object, at, object.from)
    for (const record of (await store.fetch(object, deadline)).records)
      if (record.offset >= at) yield recordOf(object, record)
    next.set(name, object.to)
  }
  for (const part of parts) {
    const at = next.get(partitionName(part)) ?? part.first
    if (at < part.to) throw missing(part, at, part.to)
  }
}

const recordOf = ({ topic, partition, incarnation }: TailObject, record: LogRecord): StrandedRecord => ({
  topic,
  partition,
  incarnation,
  record,
})

const missing = (partition: PartitionId, from: bigint, to: bigint): ReplicationError =>
  new ReplicationError(
    'STATE_MALFORMED',
    `reading the exported tail of ${partitionName(partition)}: the piece with offsets ${from} to ${to} is missing; was it exported to its end?`,
  )
