import type { KafkaRequest } from './kafka-request.ts'
import { CHANGE_WAIT_MS, type TopicReplies } from './topic-reply.ts'

/** CreatePartitions v1, for the controller: topics by name, and how many partitions each is to have in all. */
export const createPartitionsRequest = (counts: ReadonlyMap<string, number>): KafkaRequest<TopicReplies> => ({
  name: 'CreatePartitions',
  apiKey: 37,
  apiVersion: 1,
  flexible: false,
  bulky: true,
  write: (writer) => {
    const validateOnly = false
    writer
      .array([...counts], ([topic, count]) => writer.string(topic).int32(count).nullArray())
      .int32(CHANGE_WAIT_MS)
      .boolean(validateOnly)
  },
  read: (reader) => ({
    throttleMs: reader.int32(),
    replies: reader.array(() => ({
      topic: reader.string() ?? '',
      error: reader.int16(),
      because: reader.string(),
    })),
  }),
})
