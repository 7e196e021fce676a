import type { KafkaRequest } from './kafka-request.ts'

/** Of somebody who is no member: Kafka takes it only as long as the group has none. */
const NO_MEMBER = { generation: -1, id: '' } as const

export interface GroupOffsets {
  readonly group: string
  readonly topic: string
  /** By partition. */
  readonly offsets: ReadonlyMap<number, bigint>
}

/** OffsetCommit v5, for the group's coordinator; answers with Kafka's error number of each partition. */
export const offsetCommitRequest = ({ group, topic, offsets }: GroupOffsets): KafkaRequest<readonly number[]> => ({
  name: 'OffsetCommit',
  apiKey: 8,
  apiVersion: 5,
  flexible: false,
  write: (writer) => {
    writer.string(group).int32(NO_MEMBER.generation).string(NO_MEMBER.id)
    writer.array([topic], (name) =>
      writer
        .string(name)
        .array([...offsets], ([partition, offset]) => writer.int32(partition).int64(offset).nullString()),
    )
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    const ofTopic = (): number[] => {
      reader.string() // topic
      return reader.array(() => {
        reader.int32() // partition
        return reader.int16()
      })
    }
    return reader.array(ofTopic).flat()
  },
})
