import type { KafkaRequest } from './kafka-request.ts'
import { CHANGE_WAIT_MS, type TopicReplies } from './topic-reply.ts'

/** DeleteTopics v3, for the controller. */
export const deleteTopicsRequest = (topics: readonly string[]): KafkaRequest<TopicReplies> => ({
  name: 'DeleteTopics',
  apiKey: 20,
  apiVersion: 3,
  flexible: false,
  bulky: true,
  write: (writer) => {
    writer.array(topics, (topic) => writer.string(topic)).int32(CHANGE_WAIT_MS)
  },
  read: (reader) => ({
    throttleMs: reader.int32(),
    replies: reader.array(() => ({ topic: reader.string() ?? '', error: reader.int16() })),
  }),
})
