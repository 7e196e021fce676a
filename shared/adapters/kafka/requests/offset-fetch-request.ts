import { KAFKA_ERROR } from '../../../domain/kafka-errors.ts'
import type { PartitionId } from '../../../domain/record.ts'
import type { SourceCommit } from '../../../domain/source-commit.ts'
import type { KafkaRequest } from './kafka-request.ts'

export interface FetchedOffset {
  readonly error: number
  /** Absent: nothing was ever committed, or so long ago that the cluster forgot. */
  readonly commit: SourceCommit | undefined
}

/**
 * OffsetFetch v7, for the group's coordinator. It refuses to answer (`UNSTABLE_OFFSET_COMMIT`) as long as a transaction
 * that commits this offset is open.
 */
export const offsetFetchRequest = (group: string, { topic, partition }: PartitionId): KafkaRequest<FetchedOffset> => ({
  name: 'OffsetFetch',
  apiKey: 9,
  apiVersion: 7,
  flexible: true,
  write: (writer) => {
    const requireStable = true
    writer
      .compactString(group)
      .compactArray([topic], (name) =>
        writer
          .compactString(name)
          .compactArray([partition], (number) => writer.int32(number))
          .noTags(),
      )
      .boolean(requireStable)
      .noTags()
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    const partitions = reader.compactArray(() => {
      reader.compactString() // topic
      const offsets = reader.compactArray(() => {
        reader.int32() // partition
        const nextSource = reader.int64()
        reader.int32() // leader epoch
        const note = reader.compactString() ?? ''
        const error = reader.int16()
        reader.skipTags()
        return { error, commit: nextSource < 0n ? undefined : { nextSource, note } }
      })
      reader.skipTags()
      return offsets
    })
    const error = reader.int16()
    const [first] = partitions.flat()
    if (first === undefined && error === KAFKA_ERROR.none)
      throw new RangeError('the answer does not mention the partition')
    return first === undefined || error !== KAFKA_ERROR.none ? { error, commit: undefined } : first
  },
})
