import type { PartitionId } from '../../../domain/record.ts'
import type { KafkaRequest } from './kafka-request.ts'
import type { ResponseReader } from './response-reader.ts'

const CONSUMER = -1
const NO_SESSION = { id: 0, epoch: -1 } as const
const ANY_LEADER_EPOCH = -1
const AT_LEAST_BYTES = 1
/** How long a broker waits for a record when it has none yet; what lies in remote storage takes it a moment to get. */
const WAIT_MS = 500

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

export interface FetchedPartition {
  readonly error: number
  /** Told to readers of committed records alone. */
  readonly aborted: readonly AbortedTransaction[]
  /** Record batches; the last one may be cut short. */
  readonly bytes: Buffer
}

export interface FetchQuestion extends PartitionId {
  readonly from: bigint
  readonly maxBytes: number
  readonly committed: boolean
}

/** Fetch v11 of one partition, asked of its leader, outside of any fetch session. */
export const fetchRequest = (question: FetchQuestion): KafkaRequest<FetchedPartition | undefined> => ({
  name: 'Fetch',
  apiKey: 1,
  apiVersion: 11,
  flexible: false,
  write: (writer) => {
    const { topic, partition, from, maxBytes, committed } = question
    writer.int32(CONSUMER).int32(WAIT_MS).int32(AT_LEAST_BYTES).int32(maxBytes)
    writer
      .int8(committed ? 1 : 0)
      .int32(NO_SESSION.id)
      .int32(NO_SESSION.epoch)
    writer.array([topic], (name) =>
      writer.string(name).array([partition], (number) => {
        writer.int32(number).int32(ANY_LEADER_EPOCH).int64(from)
        writer.int64(-1n).int32(maxBytes) // where the log of a follower starts: we are none
      }),
    )
    writer.array([], () => undefined).string('') // nothing left out of a session, no rack
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    const error = reader.int16()
    reader.int32() // session
    const partitions = reader.array(() => {
      reader.string() // topic
      return reader.array(() => readPartition(reader))
    })
    const fetched = partitions.flat()[0]
    return error === 0 ? fetched : { error, aborted: [], bytes: Buffer.alloc(0) }
  },
})

const readPartition = (reader: ResponseReader): FetchedPartition => {
  reader.int32() // partition
  const error = reader.int16()
  reader.int64() // high watermark
  reader.int64() // last stable offset
  reader.int64() // log start
  const aborted = reader.array(() => ({ producerId: reader.int64(), firstOffset: reader.int64() }))
  reader.int32() // a replica to rather read from
  return { error, aborted, bytes: reader.bytes() }
}
