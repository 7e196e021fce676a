import type { PartitionId } from '../../../domain/record.ts'
import type { KafkaRequest } from './kafka-request.ts'
import type { ResponseReader } from './response-reader.ts'

const CONSUMER = -1
const ANY_LEADER_EPOCH = -1
/** What Kafka calls these offsets, and whether a reader of committed records is to be answered. */
const ASKED_FOR = {
  /** The first that retention has left. */
  first: { timestamp: -2n, committed: false },
  /** The one after the last that all in-sync replicas have. */
  end: { timestamp: -1n, committed: false },
  /** The first of a transaction that is not decided yet, otherwise the end. */
  stableEnd: { timestamp: -1n, committed: true },
  /** That of the record with the newest timestamp. */
  newest: { timestamp: -3n, committed: false },
} as const

export type LogEdge = keyof typeof ASKED_FOR

/** An edge, or the first record that is not older than so many milliseconds since 1970. */
export type LogPlace = LogEdge | { readonly since: number }

export interface PartitionOffset extends PartitionId {
  readonly error: number
  /** Milliseconds since 1970, of the record that was looked for by its time; otherwise -1. */
  readonly timestamp: number
  /** -1: there is no such record. */
  readonly offset: bigint
}

/** ListOffsets v7 (Kafka 3.0 and later) for one place in partitions' logs, asked of their leader. */
export const logOffsetsRequest = (
  place: LogPlace,
  partitions: readonly PartitionId[],
): KafkaRequest<readonly PartitionOffset[]> => ({
  name: 'ListOffsets',
  apiKey: 2,
  apiVersion: 7,
  flexible: true,
  write: (writer) => {
    const { timestamp, committed } = askedFor(place)
    writer.int32(CONSUMER).int8(committed ? 1 : 0)
    writer.compactArray(byTopic(partitions), ([topic, members]) =>
      writer
        .compactString(topic)
        .compactArray(members, ({ partition }) =>
          writer.int32(partition).int32(ANY_LEADER_EPOCH).int64(timestamp).noTags(),
        )
        .noTags(),
    )
    writer.noTags()
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    const offsets = reader.compactArray(() => readTopic(reader)).flat()
    reader.skipTags()
    return offsets
  },
})

const askedFor = (place: LogPlace): { readonly timestamp: bigint; readonly committed: boolean } =>
  typeof place === 'string' ? ASKED_FOR[place] : { timestamp: BigInt(place.since), committed: false }

const byTopic = (partitions: readonly PartitionId[]): [string, PartitionId[]][] => [
  ...Map.groupBy(partitions, ({ topic }) => topic),
]

const readTopic = (reader: ResponseReader): PartitionOffset[] => {
  const topic = reader.compactString() ?? ''
  const offsets = reader.compactArray(() => {
    const partition = reader.int32()
    const error = reader.int16()
    const timestamp = Number(reader.int64())
    const offset = reader.int64()
    reader.int32() // leader epoch
    reader.skipTags()
    return { topic, partition, error, timestamp, offset }
  })
  reader.skipTags()
  return offsets
}
