import { type ClusterReply, readCompactReply } from './cluster-reply.ts'
import type { KafkaRequest } from './kafka-request.ts'
import type { ResponseReader } from './response-reader.ts'

export interface VoterState {
  readonly node: number
  /** When it last asked the leader of the quorum for more, by the leader's clock; absent: not since that one leads. */
  readonly lastFetchAt?: number
}

export interface DescribedQuorum extends ClusterReply {
  /** Absent while there is none. */
  readonly leader?: number
  readonly voters: readonly VoterState[]
}

export const DESCRIBE_QUORUM = 55
/** The first version that tells when voters were heard of; Kafka 3.3 and later. */
const WITH_TIMES = 1
/** The first version with ids of directories and the cluster's own words; Kafka 3.9 and later. */
const WITH_DIRECTORIES = 2
export const QUORUM_VERSIONS = [WITH_DIRECTORIES, WITH_TIMES, 0] as const

const CONTROLLERS_LOG = '__cluster_metadata'

/** DescribeQuorum v0 to v2, for any broker, which asks the controllers: who votes, and whether they keep up. */
export const describeQuorumRequest = (version: (typeof QUORUM_VERSIONS)[number]): KafkaRequest<DescribedQuorum> => ({
  name: 'DescribeQuorum',
  apiKey: DESCRIBE_QUORUM,
  apiVersion: version,
  flexible: true,
  write: (writer) => {
    writer.compactArray([CONTROLLERS_LOG], (topic) => {
      writer.compactString(topic).compactArray([0], (partition) => writer.int32(partition).noTags())
      writer.noTags()
    })
    writer.noTags()
  },
  read: (reader) => {
    const reply = readError(reader, version)
    const [log] = reader.compactArray(() => readTopic(reader, version))
    return reply.error === 0 && log !== undefined ? log : { ...reply, voters: [] }
  },
})

const readError = (reader: ResponseReader, version: number): ClusterReply =>
  version >= WITH_DIRECTORIES ? readCompactReply(reader) : { error: reader.int16(), because: undefined }

/** The first partition; there is but one. */
const readTopic = (reader: ResponseReader, version: number): DescribedQuorum => {
  reader.compactString() // its name
  const [partition] = reader.compactArray(() => readPartition(reader, version))
  reader.skipTags()
  return partition ?? { error: 0, because: undefined, voters: [] }
}

const readPartition = (reader: ResponseReader, version: number): DescribedQuorum => {
  reader.int32() // partition
  const reply = readError(reader, version)
  const leader = reader.int32()
  reader.int32() // its epoch
  reader.int64() // high watermark
  const voters = reader.compactArray(() => readVoter(reader, version))
  reader.compactArray(() => readVoter(reader, version)) // observers
  reader.skipTags()
  return { ...reply, ...(leader >= 0 && { leader }), voters }
}

const readVoter = (reader: ResponseReader, version: number): VoterState => {
  const node = reader.int32()
  if (version >= WITH_DIRECTORIES) reader.uuid() // its directory
  reader.int64() // the end of its log
  const lastFetchAt = version >= WITH_TIMES ? readTimes(reader) : -1n
  reader.skipTags()
  return lastFetchAt < 0n ? { node } : { node, lastFetchAt: Number(lastFetchAt) }
}

const readTimes = (reader: ResponseReader): bigint => {
  const lastFetchAt = reader.int64()
  reader.int64() // when it last had everything
  return lastFetchAt
}
