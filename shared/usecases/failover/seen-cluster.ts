import { ReplicationError } from '../../domain/errors.ts'
import type { ClusterFacts } from '../../domain/failover/preflight-facts.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import { replicaName, replicaTemplate } from '../../domain/topics/topic-naming.ts'
import type { Link } from '../../domain/topology/topology.ts'
import type { LogEdges, LogReader, PerPartition } from '../log-ports.ts'
import type { Deadline } from '../ports.ts'
import type { TopicAdmin, TopicLedger } from '../topics/topic-ports.ts'

/** The target topic of each topic that a link replicates, by its name on the source. */
export type PairReplicas = ReadonlyMap<string, string>

/** Those that the link names, whether or not a pass has met them, and those that passes have met. */
export const replicasByTopic = async (
  { topics, naming, source }: Pick<Link, 'topics' | 'naming' | 'source'>,
  ledger: Pick<TopicLedger, 'topics'>,
  deadline: Deadline,
): Promise<PairReplicas> => {
  const template = replicaTemplate(naming, source.name)
  const known = [...(await ledger.topics(deadline))].filter(([, { removedAt }]) => removedAt === undefined)
  return new Map([
    ...topics.map((topic) => [topic, replicaName(template, topic)] as const),
    ...known.map(([topic, { targetTopic }]) => [topic, targetTopic] as const),
  ])
}

/** What one cluster of a pair shows, and where its logs end. Partitions by the name of their topic on the source. */
export interface SeenCluster {
  readonly facts: ClusterFacts
  /** The life of each topic. */
  readonly lives: ReadonlyMap<string, string>
  /** Topics that may be there and could not be described, and why. */
  readonly hidden: ReadonlyMap<string, string>
  readonly partitions: readonly PartitionId[]
  /** By `partitionName` of the source. */
  readonly edges: PerPartition<LogEdges>
}

export interface SeenClusterDeps {
  readonly admin: Pick<TopicAdmin, 'describe'>
  readonly log: Pick<LogReader, 'edges'>
}

/** `nameThere`: what a topic of the source is called on this cluster. Throws what a `TopicAdmin` throws. */
export const lookAtCluster = async (
  topics: readonly string[],
  nameThere: (topic: string) => string,
  deadline: Deadline,
  { admin, log }: SeenClusterDeps,
): Promise<SeenCluster> => {
  const { topics: found, undescribed } = await admin.describe(deadline, topics.map(nameThere))
  const counts = topics.flatMap((topic): [string, number][] => {
    const there = found.get(nameThere(topic))
    return there === undefined ? [] : [[topic, there.partitions]]
  })
  const partitions = counts.flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  )
  const there = ({ topic, partition }: PartitionId): PartitionId => ({ topic: nameThere(topic), partition })
  const answers = await log.edges(partitions.map(there), deadline)
  const edges = new Map(partitions.map((id) => [partitionName(id), edgeIn(answers, there(id))] as const))
  const hidden = topics.flatMap((topic): [string, string][] => {
    const why = undescribed.get(nameThere(topic))
    return why === undefined ? [] : [[topic, why.message]]
  })
  const silent = partitions.filter((id) => edges.get(partitionName(id)) instanceof ReplicationError)
  const lives = counts.flatMap(([topic]): [string, string][] => {
    const there = found.get(nameThere(topic))
    return there === undefined ? [] : [[topic, there.incarnation]]
  })
  return {
    lives: new Map(lives),
    hidden: new Map(hidden),
    facts: { partitions: new Map(counts), silent, undescribed: hidden.map(([, why]) => why) },
    partitions,
    edges,
  }
}

const edgeIn = (answers: PerPartition<LogEdges>, id: PartitionId): LogEdges | ReplicationError => {
  const edge = answers.get(partitionName(id))
  if (edge === undefined) throw new RangeError(`${partitionName(id)} was asked for and has no answer`)
  return edge
}
