import type { KafkaRequest } from './kafka-request.ts'

export interface GroupState {
  readonly group: string
  /** As in `Stable`. */
  readonly state: string
  /** As in `consumer`; absent in answers of brokers before 3.8. */
  readonly type?: string
}

export interface GroupStates {
  readonly error: number
  readonly groups: readonly GroupState[]
}

export const LIST_GROUPS = 16
/** The first version with types of groups, Kafka 3.8 and later. */
export const WITH_TYPES = 5
const WITH_STATES = 4

/** ListGroups v5 or v4, for every broker: the groups that it keeps account of and that the login may describe. */
export const listGroupsRequest = ({ types }: { readonly types: boolean }): KafkaRequest<GroupStates> => ({
  name: 'ListGroups',
  apiKey: LIST_GROUPS,
  apiVersion: types ? WITH_TYPES : WITH_STATES,
  flexible: true,
  bulky: true,
  write: (writer) => {
    writer.compactArray([], () => undefined) // of all states
    if (types) writer.compactArray([], () => undefined) // of all types
    writer.noTags()
  },
  read: (reader) => {
    reader.int32() // throttled for ms
    const error = reader.int16()
    const groups = reader.compactArray(() => {
      const group = reader.compactString() ?? ''
      reader.compactString() // protocol of its members
      const state = reader.compactString() ?? ''
      const type = types ? { type: reader.compactString() ?? '' } : {}
      reader.skipTags()
      return { group, state, ...type }
    })
    return { error, groups }
  },
})
