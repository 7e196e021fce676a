import { RecordAppender } from '../../local/corpus/record-appender.ts'
import type { WatchedLink } from '../../local/demo/scenarios/watched-world.ts'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { GroupCommitter } from '../../local/kafka/group-commits.ts'
import { eventually } from '../../local/machine/eventually.ts'
import { type PartitionId, partitionName } from '../../shared/domain/record.ts'

export const PARTITIONS = 6
/** Every group has read so many topics, or all where there are fewer. */
export const TOPICS_OF_GROUP = 10
export const RECORDS_OF_PARTITION = 10
/** Each has a poller, and a function that is invoked by all of them at once starts as many processes. */
const TOPICS_AT_ONCE = 5
const VALUE = Buffer.alloc(100, 'x')
const REPLICATED_WITHIN_MS = 300_000

export const topicName = (at: number): string => `topic-${String(at).padStart(3, '0')}`
const groupName = (at: number): string => `group-${String(at).padStart(3, '0')}`

type WrittenLink = Pick<WatchedLink, 'link' | 'state' | 'source'>

const partitionsOf = (topics: readonly string[]): readonly PartitionId[] =>
  topics.flatMap((topic) => Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })))

/** Some records more in every partition of the topics, and on the other cluster as well. */
export const writeReplicated = async (along: WrittenLink, topics: readonly string[]): Promise<void> => {
  const appender = new RecordAppender(along.source)
  try {
    for (let at = 0; at < topics.length; at += TOPICS_AT_ONCE) {
      const partitions = partitionsOf(topics.slice(at, at + TOPICS_AT_ONCE))
      const ends = new Map<string, bigint>()
      for (const id of partitions) ends.set(partitionName(id), await appendSome(appender, id))
      await untilReplicated(along, partitions, ends)
    }
  } finally {
    await appender.close()
  }
}

const appendSome = async (appender: RecordAppender, { topic, partition }: PartitionId): Promise<bigint> => {
  const record = { key: null, value: VALUE, headers: [], timestamp: Date.now() }
  const batch = Array.from({ length: RECORDS_OF_PARTITION }, () => record)
  return (await appender.append(topic, partition, batch, 'none')) + BigInt(batch.length)
}

const untilReplicated = async (
  { link, state }: WrittenLink,
  partitions: readonly PartitionId[],
  ends: ReadonlyMap<string, bigint>,
): Promise<void> => {
  const isThere = async (): Promise<boolean> => {
    const heads = await state.heads(partitions)
    return partitions.map(partitionName).every((name) => (heads.get(name)?.nextSource ?? 0n) >= (ends.get(name) ?? 0n))
  }
  await eventually(`${link.name} to replicate`, isThere, { withinMs: REPLICATED_WITHIN_MS, everyMs: 100 })
}

/** Every group commits anew in all that it reads, a record further each time, and not all at the same places. */
export const commitEverywhere = async (
  active: LocalCluster,
  topics: readonly string[],
  groups: number,
  time: number,
): Promise<void> => {
  const committer = new GroupCommitter(active)
  try {
    for (let at = 0; at < groups; at++) {
      const places = placesAt(BigInt(Math.min(time + (at % 3), RECORDS_OF_PARTITION)))
      await committer.commit(groupName(at), new Map(topicsOf(at, topics).map((topic) => [topic, places])))
    }
  } finally {
    await committer.close()
  }
}

const topicsOf = (group: number, topics: readonly string[]): readonly string[] => {
  const first = (group * TOPICS_OF_GROUP) % topics.length
  return [...topics, ...topics].slice(first, first + Math.min(TOPICS_OF_GROUP, topics.length))
}

const placesAt = (offset: bigint): ReadonlyMap<number, bigint> =>
  new Map(Array.from({ length: PARTITIONS }, (_, partition) => [partition, offset]))
