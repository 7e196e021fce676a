import { KAFKA_ERROR } from '../../../domain/kafka-errors.ts'
import type { ClusterReply } from './cluster-reply.ts'
import type { KafkaRequest } from './kafka-request.ts'

export interface DescribedUsers extends ClusterReply {
  readonly users: readonly string[]
}

/**
 * DescribeUserScramCredentials v0: which of these users have a password, and nothing of it; from any broker. Never to be
 * asked about nobody, which means everybody: a broker that may not tell of everybody does not even refuse, but falls silent.
 */
export const describeUserScramCredentialsRequest = (users: readonly string[]): KafkaRequest<DescribedUsers> => ({
  name: 'DescribeUserScramCredentials',
  apiKey: 50,
  apiVersion: 0,
  flexible: true,
  write: (writer) => {
    writer.compactArray(users, (user) => writer.compactString(user).noTags()).noTags()
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    const error = reader.int16()
    const because = reader.compactString()
    const found = reader.compactArray(() => {
      const user = reader.compactString() ?? ''
      const error = reader.int16() // `RESOURCE_NOT_FOUND` when it has none
      reader.compactString() // its words
      reader.compactArray(() => {
        reader.int8() // mechanism
        reader.int32() // iterations
        reader.skipTags()
      })
      reader.skipTags()
      return error === KAFKA_ERROR.none ? [user] : []
    })
    reader.skipTags()
    return { error, because, users: found.flat() }
  },
})
