import type { GroupKind, ListedGroup } from '../../domain/group-facts.ts'
import type { KafkaRequest } from './kafka-request.ts'

const KIND: ReadonlyMap<string, GroupKind> = new Map([
  ['classic', 'classic'],
  ['consumer', 'consumer'],
  ['share', 'share'],
])

export interface GroupList {
  readonly error: number
  readonly groups: readonly ListedGroup[]
}

/** ListGroups v5, for every broker: each lists the groups that it coordinates, and only those that the login may describe. */
export const listGroupsRequest = (): KafkaRequest<GroupList> => ({
  name: 'ListGroups',
  apiKey: 16,
  apiVersion: 5,
  flexible: true,
  write: (writer) => {
    const anyState: string[] = []
    const anyKind: string[] = []
    writer.compactArray(anyState, (state) => writer.compactString(state))
    writer.compactArray(anyKind, (kind) => writer.compactString(kind)).noTags()
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    const error = reader.int16()
    const groups = reader.compactArray(() => {
      const group = reader.compactString() ?? ''
      reader.compactString() // protocol type
      const state = reader.compactString() ?? ''
      const kind = KIND.get((reader.compactString() ?? '').toLowerCase()) ?? 'other'
      reader.skipTags()
      return { group, kind, state }
    })
    return { error, groups }
  },
})
