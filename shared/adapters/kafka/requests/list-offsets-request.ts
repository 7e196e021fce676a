import type { PartitionId } from '../../../domain/record.ts'
import type { KafkaRequest } from './kafka-request.ts'
import type { ResponseReader } from './response-reader.ts'

const CONSUMER = -1
const READ_UNCOMMITTED = 0
/** What Kafka calls these offsets: the first that retention has left, and the one after the last that all in-sync replicas have. */
const ASKED_FOR = { first: -2n, end: -1n } as const

export type LogEdge = keyof typeof ASKED_FOR

export interface PartitionOffset extends PartitionId {
  readonly error: number
  readonly offset: bigint
}

/** ListOffsets v2 for one edge of partitions' logs, asked of their leader. */
export const logEdgesRequest = (
  edge: LogEdge,
  partitions: readonly PartitionId[],
): KafkaRequest<readonly PartitionOffset[]> => ({
  name: 'ListOffsets',
  apiKey: 2,
  apiVersion: 2,
  flexible: false,
  write: (writer) => {
    writer.int32(CONSUMER).int8(READ_UNCOMMITTED)
    writer.array(byTopic(partitions), ([topic, members]) =>
      writer.string(topic).array(members, ({ partition }) => writer.int32(partition).int64(ASKED_FOR[edge])),
    )
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    return reader.array(() => readTopic(reader)).flat()
  },
})

const byTopic = (partitions: readonly PartitionId[]): [string, PartitionId[]][] => [
  ...Map.groupBy(partitions, ({ topic }) => topic),
]

const readTopic = (reader: ResponseReader): PartitionOffset[] => {
  const topic = reader.string() ?? ''
  return reader.array(() => {
    const partition = reader.int32()
    const error = reader.int16()
    reader.int64() // timestamp
    return { topic, partition, error, offset: reader.int64() }
  })
}
