import type { ClusterReply } from './cluster-reply.ts'
import type { KafkaRequest } from './kafka-request.ts'

export interface DescribedUsers extends ClusterReply {
  readonly users: readonly string[]
}

/** DescribeUserScramCredentials v0: who has a password, and nothing of it; from any broker. */
export const describeUserScramCredentialsRequest = (): KafkaRequest<DescribedUsers> => ({
  name: 'DescribeUserScramCredentials',
  apiKey: 50,
  apiVersion: 0,
  flexible: true,
  bulky: true,
  write: (writer) => {
    writer.nullCompactArray().noTags() // everybody
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    const error = reader.int16()
    const because = reader.compactString()
    const users = reader.compactArray(() => {
      const user = reader.compactString() ?? ''
      reader.int16() // error
      reader.compactString() // its words
      reader.compactArray(() => {
        reader.int8() // mechanism
        reader.int32() // iterations
        reader.skipTags()
      })
      reader.skipTags()
      return user
    })
    reader.skipTags()
    return { error, because, users }
  },
})
