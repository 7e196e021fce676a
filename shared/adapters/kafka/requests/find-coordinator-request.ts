import type { KafkaRequest } from './kafka-request.ts'

export type CoordinatorKey = { readonly kind: 'group' | 'transaction'; readonly name: string }

export interface FoundCoordinator {
  readonly error: number
  readonly node: number
  readonly host: string
  readonly port: number
}

const KEY_TYPE = { group: 0, transaction: 1 } as const

/** FindCoordinator v2: which broker keeps account of a group or of a transactional id. */
export const findCoordinatorRequest = ({ kind, name }: CoordinatorKey): KafkaRequest<FoundCoordinator> => ({
  name: 'FindCoordinator',
  apiKey: 10,
  apiVersion: 2,
  flexible: false,
  write: (writer) => writer.string(name).int8(KEY_TYPE[kind]),
  read: (reader) => {
    reader.int32() // throttled for ms
    const error = reader.int16()
    reader.string() // the error in words
    return { error, node: reader.int32(), host: reader.string() ?? '', port: reader.int32() }
  },
})
