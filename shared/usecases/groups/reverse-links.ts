import { asReplicationError, type ReplicationError } from '../../domain/errors.ts'
import type { GroupRecords } from '../../domain/groups/group-record.ts'
import type { ReverseFacts } from '../../domain/groups/group-ways.ts'
import type { Link } from '../../domain/topology/topology.ts'
import type { MapReader } from '../offset-map/read-maps.ts'
import type { Deadline } from '../ports.ts'
import type { TopicLedger } from '../topics/topic-ports.ts'
import type { GroupLedger } from './group-ports.ts'

/** What is kept of a link. */
export interface LinkMemory {
  readonly topics: Pick<TopicLedger, 'topics'>
  readonly groups: Pick<GroupLedger, 'records'>
  readonly map: MapReader
}

export interface ReverseDeps {
  /** Of the reverse links, by name. */
  readonly reverseMemories: ReadonlyMap<string, LinkMemory>
}

/** `trouble`: why `topics` are absent. */
export type ReadReverse = ReverseFacts & { readonly trouble?: ReplicationError }

/** The topics of a reverse link, or why they are not known. */
export const readReverse = async (
  link: Link,
  deadline: Deadline,
  { reverseMemories }: ReverseDeps,
): Promise<ReadReverse> => {
  try {
    return { link, topics: (await reverseMemories.get(link.name)?.topics.topics(deadline)) ?? new Map() }
  } catch (error) {
    return { link, trouble: asReplicationError(error, `reading the topics of the link ${link.name}`) }
  }
}

/** What the reverse links say, and published. */
export interface Published {
  readonly reverses: readonly ReverseFacts[]
  readonly records: ReadonlyMap<string, GroupRecords>
  readonly troubles: readonly ReplicationError[]
}

/** A reverse link whose table tells only half is as one that tells nothing. */
export const readPublished = async (
  reverses: readonly ReadReverse[],
  deadline: Deadline,
  { reverseMemories }: ReverseDeps,
): Promise<Published> => {
  const records = new Map<string, GroupRecords>()
  const troubles = reverses.flatMap(({ trouble }) => trouble ?? [])
  const read = async ({ link, topics }: ReverseFacts): Promise<ReverseFacts> => {
    if (topics === undefined) return { link }
    try {
      records.set(link.name, (await reverseMemories.get(link.name)?.groups.records(deadline)) ?? new Map())
      return { link, topics }
    } catch (error) {
      troubles.push(asReplicationError(error, `reading what the link ${link.name} published for groups`))
      return { link }
    }
  }
  return { reverses: await Promise.all(reverses.map(read)), records, troubles }
}
