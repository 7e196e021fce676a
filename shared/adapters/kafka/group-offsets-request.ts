import type { CommittedOffset } from '../../domain/group-facts.ts'
import type { KafkaRequest } from './kafka-request.ts'
import type { ResponseReader } from './response-reader.ts'

export interface PartitionCommit {
  readonly topic: string
  readonly partition: number
  readonly error: number
  /** Absent: nothing is committed here, which is not offset zero. */
  readonly committed: CommittedOffset | undefined
}

export interface GroupCommits {
  readonly group: string
  /** Of the group as a whole; its partitions are missing then. */
  readonly error: number
  readonly partitions: readonly PartitionCommit[]
}

/**
 * OffsetFetch v8: all that many groups committed, for the one coordinator that they share. A partition with a commit in
 * an open transaction is refused by itself (`UNSTABLE_OFFSET_COMMIT`) and not answered with what was there before.
 */
export const groupOffsetsRequest = (groups: readonly string[]): KafkaRequest<readonly GroupCommits[]> => ({
  name: 'OffsetFetch',
  apiKey: 9,
  apiVersion: 8,
  flexible: true,
  bulky: true,
  write: (writer) => {
    const requireStable = true
    writer
      .compactArray(groups, (group) => writer.compactString(group).nullCompactArray().noTags())
      .boolean(requireStable)
      .noTags()
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    return reader.compactArray(() => groupCommits(reader))
  },
})

const groupCommits = (reader: ResponseReader): GroupCommits => {
  const group = reader.compactString() ?? ''
  const partitions = reader.compactArray(() => topicCommits(reader)).flat()
  const error = reader.int16()
  reader.skipTags()
  return { group, error, partitions }
}

const topicCommits = (reader: ResponseReader): PartitionCommit[] => {
  const topic = reader.compactString() ?? ''
  const partitions = reader.compactArray(() => ({ topic, ...partitionCommit(reader) }))
  reader.skipTags()
  return partitions
}

const partitionCommit = (reader: ResponseReader): Omit<PartitionCommit, 'topic'> => {
  const partition = reader.int32()
  const offset = reader.int64()
  const epoch = reader.int32()
  const metadata = reader.compactString() ?? ''
  const error = reader.int16()
  reader.skipTags()
  const leaderEpoch = epoch < 0 ? undefined : epoch
  return { partition, error, committed: offset < 0n ? undefined : { offset, leaderEpoch, metadata } }
}
