import type { PartitionId } from '../../../domain/record.ts'
import type { KafkaRequest } from './kafka-request.ts'
import { CHANGE_WAIT_MS } from './topic-reply.ts'

export interface RecordsBelow extends PartitionId {
  readonly offset: bigint
}

export interface DeletedRecords extends PartitionId {
  /** Kafka's error number. */
  readonly error: number
}

/** DeleteRecords v1, for the leader of the partitions. */
export const deleteRecordsRequest = (offsets: readonly RecordsBelow[]): KafkaRequest<readonly DeletedRecords[]> => ({
  name: 'DeleteRecords',
  apiKey: 21,
  apiVersion: 1,
  flexible: false,
  bulky: true,
  write: (writer) => {
    writer
      .array([...Map.groupBy(offsets, ({ topic }) => topic)], ([topic, members]) =>
        writer.string(topic).array(members, ({ partition, offset }) => writer.int32(partition).int64(offset)),
      )
      .int32(CHANGE_WAIT_MS)
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    return reader
      .array(() => {
        const topic = reader.string() ?? ''
        return reader.array(() => {
          const partition = reader.int32()
          reader.int64() // where the log begins now
          return { topic, partition, error: reader.int16() }
        })
      })
      .flat()
  },
})
