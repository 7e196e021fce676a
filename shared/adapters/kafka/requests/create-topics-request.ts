import type { NewTopic } from '../../../domain/topics/topic-facts.ts'
import type { KafkaRequest } from './kafka-request.ts'
import { CHANGE_WAIT_MS, type TopicReplies } from './topic-reply.ts'

/** CreateTopics v2, for the controller: every topic with its own outcome; the cluster places the replicas. */
export const createTopicsRequest = (topics: readonly NewTopic[]): KafkaRequest<TopicReplies> => ({
  name: 'CreateTopics',
  apiKey: 19,
  apiVersion: 2,
  flexible: false,
  bulky: true,
  write: (writer) => {
    const validateOnly = false
    writer
      .array(topics, ({ topic, partitions, replicationFactor, settings }) =>
        writer
          .string(topic)
          .int32(partitions)
          .int16(replicationFactor)
          .array([], () => undefined) // where the replicas go
          .array([...settings], ([name, value]) => writer.string(name).string(value)),
      )
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
