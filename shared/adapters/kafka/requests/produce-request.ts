import { type PartitionId, partitionName } from '../../../domain/record.ts'
import type { KafkaRequest } from './kafka-request.ts'
import type { ResponseReader } from './response-reader.ts'

const ALL_IN_SYNC_REPLICAS = -1

export interface PartitionBatchBytes extends PartitionId {
  /** One record batch. */
  readonly bytes: Uint8Array
}

export interface ProduceResult extends PartitionId {
  readonly error: number
  readonly baseOffset: bigint
  readonly message: string | undefined
  /** Positions in the batch of the records that the broker blames. */
  readonly blamed: readonly number[]
}

export interface ProduceResponse {
  readonly results: readonly ProduceResult[]
  /** For how long the broker will not read from this connection (a quota). */
  readonly throttleMs: number
}

/**
 * Produce v8 (Kafka 2.4 and later), acks=all: tells which record of a batch was refused. `timeoutMs` bounds how long the
 * leader waits for its followers. All batches of one request belong to one transaction, or to none.
 */
export const produceRequest = (
  batches: readonly PartitionBatchBytes[],
  timeoutMs: number,
  transactionalId?: string,
): KafkaRequest<ProduceResponse> => {
  assertEachPartitionOnce(batches)
  return {
    name: 'Produce',
    apiKey: 0,
    apiVersion: 8,
    flexible: false,
    write: (writer) => {
      if (transactionalId === undefined) writer.nullString()
      else writer.string(transactionalId)
      writer.int16(ALL_IN_SYNC_REPLICAS).int32(timeoutMs)
      writer.array([...Map.groupBy(batches, ({ topic }) => topic)], ([topic, members]) =>
        writer.string(topic).array(members, ({ partition, bytes }) => writer.int32(partition).bytes(bytes)),
      )
    },
    read: (reader) => {
      const results = reader.array(() => readTopic(reader)).flat()
      return { results, throttleMs: reader.int32() }
    },
  }
}

/** A broker that gets a partition twice in one request loses the first batch, and reports success. */
const assertEachPartitionOnce = (batches: readonly PartitionBatchBytes[]): void => {
  const names = new Set(batches.map(partitionName))
  if (names.size !== batches.length) throw new RangeError('a partition occurs twice in one Produce request')
}

const readTopic = (reader: ResponseReader): ProduceResult[] => {
  const topic = reader.string() ?? ''
  return reader.array(() => {
    const partition = reader.int32()
    const error = reader.int16()
    const baseOffset = reader.int64()
    reader.int64() // time of the append, on topics that use it
    reader.int64() // log start
    const blamed = reader.array(() => readBlamed(reader))
    return { topic, partition, error, baseOffset, blamed, message: reader.string() }
  })
}

const readBlamed = (reader: ResponseReader): number => {
  const position = reader.int32()
  reader.string() // why, the batch's own message says it too
  return position
}
