import type { CommittedOffset } from '../../../domain/groups/group-facts.ts'
import { KAFKA_ERROR } from '../../../domain/kafka-errors.ts'
import type { PartitionId } from '../../../domain/record.ts'
import type { SourceCommit } from '../../../domain/source-commit.ts'
import type { KafkaRequest } from './kafka-request.ts'
import type { RequestWriter } from './request-writer.ts'
import type { ResponseReader } from './response-reader.ts'

export interface FetchedOffset {
  readonly error: number
  /** Absent: nothing was ever committed, or so long ago that the cluster forgot. */
  readonly commit: SourceCommit | undefined
}

export interface FetchedPartition extends PartitionId {
  readonly error: number
  /** Absent: nothing was ever committed, or so long ago that the cluster forgot. */
  readonly committed?: CommittedOffset
}

export interface FetchedGroup {
  readonly group: string
  readonly error: number
  readonly partitions: readonly FetchedPartition[]
}

/** Asks for the partitions of a group; without any, for all that it has. */
interface AskedGroup {
  readonly group: string
  readonly partition?: PartitionId
}

/** All offsets of some groups with one coordinator. One that an open transaction would move is `UNSTABLE_OFFSET_COMMIT`. */
export const groupOffsetsRequest = (groups: readonly string[]): KafkaRequest<readonly FetchedGroup[]> => ({
  ...fetchOffsets(groups.map((group) => ({ group }))),
  bulky: true,
})

/** One offset of a group; it is refused (`UNSTABLE_OFFSET_COMMIT`) as long as a transaction that commits it is open. */
export const offsetFetchRequest = (group: string, partition: PartitionId): KafkaRequest<FetchedOffset> => {
  const ofAll = fetchOffsets([{ group, partition }])
  return {
    ...ofAll,
    read: (reader) => {
      const [{ error, partitions } = UNMENTIONED] = ofAll.read(reader)
      if (error !== KAFKA_ERROR.none) return { error, commit: undefined }
      const [first] = partitions
      if (first === undefined) throw new RangeError('the answer does not mention the partition')
      const { committed } = first
      const commit = committed && { nextSource: committed.offset, note: committed.metadata }
      return { error: first.error, commit }
    },
  }
}

const UNMENTIONED: Omit<FetchedGroup, 'group'> = { error: KAFKA_ERROR.none, partitions: [] }

/** OffsetFetch v8 (Kafka 3.0 and later). */
const fetchOffsets = (groups: readonly AskedGroup[]): KafkaRequest<readonly FetchedGroup[]> => ({
  name: 'OffsetFetch',
  apiKey: 9,
  apiVersion: 8,
  flexible: true,
  write: (writer) => {
    const requireStable = true
    writer
      .compactArray(groups, (asked) => writeGroup(writer, asked))
      .boolean(requireStable)
      .noTags()
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    return reader.compactArray(() => readGroup(reader))
  },
})

const writeGroup = (writer: RequestWriter, { group, partition }: AskedGroup): void => {
  writer.compactString(group)
  if (partition === undefined) writer.nullCompactArray()
  else
    writer.compactArray([partition], (asked) =>
      writer
        .compactString(asked.topic)
        .compactArray([asked.partition], (number) => writer.int32(number))
        .noTags(),
    )
  writer.noTags()
}

const readGroup = (reader: ResponseReader): FetchedGroup => {
  const group = reader.compactString() ?? ''
  const partitions = reader.compactArray(() => readTopic(reader)).flat()
  const error = reader.int16()
  reader.skipTags()
  return { group, error, partitions }
}

const readTopic = (reader: ResponseReader): FetchedPartition[] => {
  const topic = reader.compactString() ?? ''
  const partitions = reader.compactArray(() => readPartition(reader, topic))
  reader.skipTags()
  return partitions
}

const readPartition = (reader: ResponseReader, topic: string): FetchedPartition => {
  const partition = reader.int32()
  const offset = reader.int64()
  const leaderEpoch = reader.int32()
  const metadata = reader.compactString() ?? ''
  const error = reader.int16()
  reader.skipTags()
  const known = { offset, ...(leaderEpoch < 0 ? {} : { leaderEpoch }), metadata }
  return { topic, partition, error, ...(offset < 0n ? {} : { committed: known }) }
}
