import type { PartitionId } from '../../domain/record.ts'
import type { Deadline } from '../ports.ts'
import type { TopicAdmin, TopicLedger } from './topic-ports.ts'

export interface ReplicatedTopicsDeps {
  /** Topics that the link names, whether or not a pass has met them. */
  readonly named: readonly string[]
  readonly ledger: Pick<TopicLedger, 'topics'>
  readonly sourceTopics: Pick<TopicAdmin, 'describe'>
}

/** The partitions of all topics that a link replicates and that are on the source now. */
export const replicatedPartitions = async (
  deadline: Deadline,
  { named, ledger, sourceTopics }: ReplicatedTopicsDeps,
): Promise<readonly PartitionId[]> => {
  const followed = new Set([...named, ...(await ledger.topics(deadline)).keys()])
  const { topics } = await sourceTopics.describe(deadline, [...followed])
  return [...followed].sort().flatMap((topic) => {
    const partitions = topics.get(topic)?.partitions ?? 0
    return Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
  })
}
