import type { KafkaRequest } from './kafka-request.ts'
import type { BrokerAddress } from './metadata-request.ts'
import type { ResponseReader } from './response-reader.ts'

export type CoordinatorKey = { readonly kind: 'group' | 'transaction'; readonly name: string }

export interface FoundCoordinator extends BrokerAddress {
  /** The group or the transactional id. */
  readonly name: string
  readonly error: number
}

const KEY_TYPE = { group: 0, transaction: 1 } as const

/** FindCoordinator v4 (Kafka 3.0 and later): which brokers keep account of groups, or of transactional ids. */
export const findCoordinatorsRequest = (
  kind: CoordinatorKey['kind'],
  names: readonly string[],
): KafkaRequest<readonly FoundCoordinator[]> => ({
  name: 'FindCoordinator',
  apiKey: 10,
  apiVersion: 4,
  flexible: true,
  write: (writer) =>
    writer
      .int8(KEY_TYPE[kind])
      .compactArray(names, (name) => writer.compactString(name))
      .noTags(),
  read: (reader) => {
    reader.int32() // throttled for ms
    return reader.compactArray(() => readCoordinator(reader))
  },
})

export const findCoordinatorRequest = ({ kind, name }: CoordinatorKey): KafkaRequest<FoundCoordinator> => {
  const ofAll = findCoordinatorsRequest(kind, [name])
  return {
    ...ofAll,
    read: (reader) => {
      const [found] = ofAll.read(reader)
      if (found === undefined) throw new RangeError('the answer does not mention the key')
      return found
    },
  }
}

const readCoordinator = (reader: ResponseReader): FoundCoordinator => {
  const name = reader.compactString() ?? ''
  const broker = { node: reader.int32(), host: reader.compactString() ?? '', port: reader.int32() }
  const error = reader.int16()
  reader.compactString() // the error in words
  reader.skipTags()
  return { name, ...broker, error }
}
