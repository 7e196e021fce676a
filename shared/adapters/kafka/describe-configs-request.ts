import type { KafkaRequest } from './kafka-request.ts'
import type { ResponseReader } from './response-reader.ts'

const TOPIC = 2

export interface TopicSettings {
  readonly error: number
  readonly topic: string
  readonly values: ReadonlyMap<string, string | undefined>
}

/** DescribeConfigs v1: the effective values of some settings of some topics, from any broker. */
export const describeTopicsRequest = (
  topics: readonly string[],
  settings: readonly string[],
): KafkaRequest<readonly TopicSettings[]> => ({
  name: 'DescribeConfigs',
  apiKey: 32,
  apiVersion: 1,
  flexible: false,
  write: (writer) => {
    const withSynonyms = false
    writer.array(topics, (topic) =>
      writer
        .int8(TOPIC)
        .string(topic)
        .array(settings, (name) => writer.string(name)),
    )
    writer.boolean(withSynonyms)
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    return reader.array(() => readTopic(reader))
  },
})

const readTopic = (reader: ResponseReader): TopicSettings => {
  const error = reader.int16()
  reader.string() // message
  reader.int8() // type
  const topic = reader.string() ?? ''
  return { error, topic, values: new Map(reader.array(() => readSetting(reader))) }
}

const readSetting = (reader: ResponseReader): [string, string | undefined] => {
  const name = reader.string() ?? ''
  const value = reader.string()
  reader.boolean() // read-only
  reader.int8() // where it comes from
  reader.boolean() // sensitive
  reader.array(() => [reader.string(), reader.string(), reader.int8()]) // synonyms
  return [name, value]
}
