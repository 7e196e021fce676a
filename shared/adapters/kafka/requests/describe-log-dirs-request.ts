import type { KafkaRequest } from './kafka-request.ts'
import type { ResponseReader } from './response-reader.ts'

export interface LogDirectory {
  /** Kafka's error number of this directory alone. */
  readonly error: number
  readonly directory: string
  /** Of the volume that it lies on; absent where the broker cannot tell. */
  readonly totalBytes?: bigint
  readonly usableBytes?: bigint
}

export interface DescribedLogDirectories {
  readonly error: number
  readonly directories: readonly LogDirectory[]
}

export const DESCRIBE_LOG_DIRS = 35
/** The first version that tells how large volumes are and what is free (KIP-827), Kafka 3.3 and later. */
export const WITH_VOLUMES = 4

/** DescribeLogDirs v4, of one broker: its directories, without the partitions in them. */
export const describeLogDirsRequest = (): KafkaRequest<DescribedLogDirectories> => ({
  name: 'DescribeLogDirs',
  apiKey: DESCRIBE_LOG_DIRS,
  apiVersion: WITH_VOLUMES,
  flexible: true,
  write: (writer) => {
    writer.compactArray([], () => undefined) // no topic; null would be all of them
    writer.noTags()
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    const error = reader.int16()
    const directories = reader.compactArray(() => readDirectory(reader))
    reader.skipTags()
    return { error, directories }
  },
})

const readDirectory = (reader: ResponseReader): LogDirectory => {
  const error = reader.int16()
  const directory = reader.compactString() ?? ''
  reader.compactArray(() => skipTopic(reader))
  const [total, usable] = [reader.int64(), reader.int64()]
  reader.skipTags()
  return { error, directory, ...(total >= 0n && { totalBytes: total }), ...(usable >= 0n && { usableBytes: usable }) }
}

/** A broker may tell more than it was asked for. */
const skipTopic = (reader: ResponseReader): void => {
  reader.compactString() // its name
  reader.compactArray(() => {
    reader.int32() // partition
    reader.int64() // bytes
    reader.int64() // how far it lags behind the one it replaces
    reader.boolean() // whether it is to replace it
    reader.skipTags()
  })
  reader.skipTags()
}
