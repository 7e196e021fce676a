import type { SettingChange } from '../../../domain/topics/topic-facts.ts'
import type { KafkaRequest } from './kafka-request.ts'
import type { TopicReplies } from './topic-reply.ts'

const TOPIC = 2
const SET = 0
const DELETE = 1

/**
 * IncrementalAlterConfigs v0. The older AlterConfigs is never sent: it takes away every setting that it does not name.
 * The changes of one topic are made all together or not at all.
 */
export const incrementalAlterConfigsRequest = (
  changes: ReadonlyMap<string, readonly SettingChange[]>,
): KafkaRequest<TopicReplies> => ({
  name: 'IncrementalAlterConfigs',
  apiKey: 44,
  apiVersion: 0,
  flexible: false,
  bulky: true,
  write: (writer) => {
    const validateOnly = false
    const writeChange = ({ name, value }: SettingChange): unknown =>
      value === undefined ? writer.string(name).int8(DELETE).nullString() : writer.string(name).int8(SET).string(value)
    writer
      .array([...changes], ([topic, ofTopic]) => writer.int8(TOPIC).string(topic).array(ofTopic, writeChange))
      .boolean(validateOnly)
  },
  read: (reader) => ({
    throttleMs: reader.int32(),
    replies: reader.array(() => {
      const error = reader.int16()
      const because = reader.string()
      reader.int8() // type
      return { topic: reader.string() ?? '', error, because }
    }),
  }),
})
