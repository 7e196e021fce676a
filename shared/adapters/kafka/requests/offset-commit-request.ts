import type { CommittedOffset } from '../../../domain/groups/group-facts.ts'
import type { PartitionId } from '../../../domain/record.ts'
import type { KafkaRequest } from './kafka-request.ts'
import type { RequestWriter } from './request-writer.ts'

/** Of somebody who is no member: Kafka takes it only as long as the group has none. */
const NO_MEMBER = { generation: -1, id: '' } as const
const UNKNOWN_LEADER_EPOCH = -1

export interface CommitReply extends PartitionId {
  readonly error: number
}

/** OffsetCommit v8, for the group's coordinator: offsets by topic and partition. */
export const offsetCommitRequest = (
  group: string,
  offsets: ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>>,
): KafkaRequest<readonly CommitReply[]> => ({
  name: 'OffsetCommit',
  apiKey: 8,
  apiVersion: 8,
  flexible: true,
  write: (writer) => {
    writer.compactString(group).int32(NO_MEMBER.generation).compactString(NO_MEMBER.id).nullCompactString()
    writer
      .compactArray([...offsets], ([topic, partitions]) =>
        writer
          .compactString(topic)
          .compactArray([...partitions], (partition) => writePartition(writer, partition))
          .noTags(),
      )
      .noTags()
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    const ofTopic = (): CommitReply[] => {
      const topic = reader.compactString() ?? ''
      const partitions = reader.compactArray(() => {
        const reply = { topic, partition: reader.int32(), error: reader.int16() }
        reader.skipTags()
        return reply
      })
      reader.skipTags()
      return partitions
    }
    return reader.compactArray(ofTopic).flat()
  },
})

const writePartition = (
  writer: RequestWriter,
  [partition, { offset, leaderEpoch, metadata }]: readonly [number, CommittedOffset],
): unknown =>
  writer
    .int32(partition)
    .int64(offset)
    .int32(leaderEpoch ?? UNKNOWN_LEADER_EPOCH)
    .compactString(metadata)
    .noTags()
