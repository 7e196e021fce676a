import type { FoundCoordinator } from './find-coordinator-request.ts'
import type { KafkaRequest } from './kafka-request.ts'

const GROUP = 0

/** FindCoordinator v4: the brokers that keep account of many groups, each group with its own error. Any broker answers. */
export const findCoordinatorsRequest = (
  groups: readonly string[],
): KafkaRequest<ReadonlyMap<string, FoundCoordinator>> => ({
  name: 'FindCoordinator',
  apiKey: 10,
  apiVersion: 4,
  flexible: true,
  bulky: true,
  write: (writer) =>
    writer
      .int8(GROUP)
      .compactArray(groups, (group) => writer.compactString(group))
      .noTags(),
  read: (reader) => {
    reader.int32() // throttled for ms
    const found = reader.compactArray((): [string, FoundCoordinator] => {
      const group = reader.compactString() ?? ''
      const [node, host, port] = [reader.int32(), reader.compactString() ?? '', reader.int32()]
      const error = reader.int16()
      reader.compactString() // the error in words
      reader.skipTags()
      return [group, { error, node, host, port }]
    })
    return new Map(found)
  },
})
