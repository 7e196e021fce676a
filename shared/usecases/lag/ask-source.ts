import { ReplicationError } from '../../domain/errors.ts'
import type { LivingTopics } from '../../domain/lag/ended-life.ts'
import type { PartitionLook } from '../../domain/lag/partition-look.ts'
import type { LogEdges, PerPartition } from '../log-ports.ts'
import type { Deadline } from '../ports.ts'
import type { KnownTopics, SourceTopic } from '../topics/source-topics.ts'
import type { LagDeps } from './lag-deps.ts'

type Looks = ReadonlyMap<string, PartitionLook>
type SourceDeps = Pick<LagDeps, 'topics' | 'source' | 'clock'>

/** What is known of a partition beforehand: by the topics, or by the look before where they do not tell. */
export type Followed = Pick<PartitionLook, 'topic' | 'partition' | 'incarnation' | 'retentionMs'>

export type Edges = PerPartition<LogEdges>

/** What the source said of its topics, and of where their partitions begin and end. */
export interface AskedSource {
  /** Milliseconds since 1970, before the ends were asked for. */
  readonly at: number
  readonly topics: KnownTopics | ReplicationError
  readonly partitions: readonly Followed[]
  readonly edges: Edges
}

/** Once more where the ends contradict what is known of the topics, which may be a minute old. */
export const askSource = async (before: Looks, deadline: Deadline, deps: SourceDeps): Promise<AskedSource> => {
  const asked = await askOnce(before, deadline, deps)
  if (!contradicts(asked.edges, before)) return asked
  deps.topics.doubt()
  return await askOnce(before, deadline, deps)
}

const askOnce = async (before: Looks, deadline: Deadline, deps: SourceDeps): Promise<AskedSource> => {
  const topics = await knownOrWhyNot(deadline, deps)
  const partitions =
    topics instanceof ReplicationError
      ? [...before.values()]
      : [...topics.found.flatMap(partitionsOf), ...hiddenAmong(before, topics.undescribed)]
  const at = deps.clock.now()
  return { at, topics, partitions, edges: await deps.source.edges(partitions, deadline) }
}

/** A topic that was deleted, or that has fewer records than it had: it may be made anew. */
const contradicts = (edges: Edges, before: Looks): boolean =>
  [...edges].some(([name, edge]) => {
    const past = before.get(name)
    if (past === undefined) return false
    return edge instanceof ReplicationError ? edge.code === 'SOURCE_TOPIC_UNKNOWN' : edge.stableEnd < past.end
  })

export const livingIn = ({ topics, edges }: Pick<AskedSource, 'topics' | 'edges'>): LivingTopics => {
  const ends = [...edges].flatMap(([name, edge]) =>
    edge instanceof ReplicationError ? [] : [[name, edge.stableEnd] as const],
  )
  if (topics instanceof ReplicationError) return { living: new Map(), absent: new Set(), ends: new Map() }
  const living = new Map(topics.found.map(({ topic, incarnation }) => [topic, incarnation]))
  return { living, absent: topics.absent, ends: new Map(ends) }
}

export const isFresh = (topics: AskedSource['topics']): boolean => !(topics instanceof ReplicationError) && topics.fresh

const knownOrWhyNot = async (deadline: Deadline, { topics }: SourceDeps): Promise<KnownTopics | ReplicationError> => {
  try {
    return await topics.known(deadline)
  } catch (error) {
    if (error instanceof ReplicationError && !error.code.startsWith('STATE_')) return error
    throw error
  }
}

const partitionsOf = ({ partitions, ...topic }: SourceTopic): Followed[] =>
  Array.from({ length: partitions }, (_, partition) => ({ ...topic, partition }))

/** Of topics that may be there and could not be described. */
const hiddenAmong = (before: Looks, hidden: KnownTopics['undescribed']): readonly Followed[] =>
  [...before.values()].filter(({ topic }) => hidden.has(topic))
