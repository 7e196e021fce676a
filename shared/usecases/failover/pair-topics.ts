import { ReplicationError } from '../../domain/errors.ts'
import type { PartitionId } from '../../domain/record.ts'
import { replicaName, replicaTemplate } from '../../domain/topics/topic-naming.ts'
import type { Deadline } from '../ports.ts'
import type { CoreDeps } from './failover-deps.ts'

/** A topic of the forward link that has a replica. */
export interface PairTopic {
  /** As named on the source. */
  readonly topic: string
  readonly targetTopic: string
  /** Which life of the target topic it is. */
  readonly targetIncarnation: string
  /** Of the target. */
  readonly partitions: number
}

/**
 * All topics that the forward link replicates and that are on the target. Asks the target alone, since the source may be
 * gone. Throws when the target hides one of them: whoever leaves it out leaves its records behind.
 */
export const pairTopics = async (
  deadline: Deadline,
  { order, forward, to }: Pick<CoreDeps, 'order' | 'to'> & { readonly forward: Pick<CoreDeps['forward'], 'topics'> },
): Promise<readonly PairTopic[]> => {
  const { link } = order.forward.order
  const template = replicaTemplate(link.naming, link.source.name)
  const records = await forward.topics.topics(deadline)
  const replicas = new Map([
    ...link.topics.map((topic) => [topic, replicaName(template, topic)] as const),
    ...[...records].map(([topic, { targetTopic }]) => [topic, targetTopic] as const),
  ])
  const { topics, undescribed } = await to.topics.describe(deadline, [...replicas.values()])
  return [...replicas].sort().flatMap(([topic, targetTopic]): PairTopic[] => {
    const hidden = undescribed.get(targetTopic)
    if (hidden instanceof ReplicationError) throw hidden
    const found = topics.get(targetTopic)
    if (found === undefined) return []
    return [{ topic, targetTopic, targetIncarnation: found.incarnation, partitions: found.partitions }]
  })
}

/** As they are named on the source. */
export const partitionsOf = ({ topic, partitions }: PairTopic): readonly PartitionId[] =>
  Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))

/** As they are named on the target. */
export const replicasOf = ({ targetTopic, partitions }: PairTopic): readonly PartitionId[] =>
  Array.from({ length: partitions }, (_, partition) => ({ topic: targetTopic, partition }))
