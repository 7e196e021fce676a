import type { TopicSetting, TopicSettings } from '../../../domain/topics/topic-facts.ts'
import type { KafkaRequest } from './kafka-request.ts'
import type { ResponseReader } from './response-reader.ts'
import type { TopicReply } from './topic-reply.ts'

const TOPIC = 2
/** Set for the topic itself; every other number is a place of the cluster. */
const OF_THE_TOPIC = 1

export interface DescribedTopic extends TopicReply {
  readonly settings: TopicSettings
}

/** DescribeConfigs v1: the effective values of some settings, or of all, of some topics; from any broker. */
export const describeTopicsRequest = (
  topics: readonly string[],
  settings: readonly string[] | 'all',
): KafkaRequest<readonly DescribedTopic[]> => ({
  name: 'DescribeConfigs',
  apiKey: 32,
  apiVersion: 1,
  flexible: false,
  bulky: settings === 'all',
  write: (writer) => {
    const withSynonyms = false
    writer.array(topics, (topic) => {
      writer.int8(TOPIC).string(topic)
      if (settings === 'all') writer.nullArray()
      else writer.array(settings, (name) => writer.string(name))
    })
    writer.boolean(withSynonyms)
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    return reader.array(() => readTopic(reader))
  },
})

const readTopic = (reader: ResponseReader): DescribedTopic => {
  const error = reader.int16()
  const because = reader.string()
  reader.int8() // type
  const topic = reader.string() ?? ''
  return { error, because, topic, settings: new Map(reader.array(() => readSetting(reader))) }
}

const readSetting = (reader: ResponseReader): [string, TopicSetting] => {
  const name = reader.string() ?? ''
  const value = reader.string()
  const readOnly = reader.boolean()
  const origin = reader.int8() === OF_THE_TOPIC ? 'topic' : 'inherited'
  const sensitive = reader.boolean()
  reader.array(() => [reader.string(), reader.string(), reader.int8()]) // synonyms
  return [name, { ...(value === undefined ? {} : { value }), origin, sensitive, readOnly }]
}
