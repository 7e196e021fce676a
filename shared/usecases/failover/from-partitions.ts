import type { PartitionId } from '../../domain/record.ts'
import type { Deadline } from '../ports.ts'
import type { TopicAdmin, TopicLedger } from '../topics/topic-ports.ts'

export interface FromPartitionsDeps {
  /** Topics that the link names, whether or not a pass has met them. */
  readonly named: readonly string[]
  readonly ledger: Pick<TopicLedger, 'topics'>
  readonly sourceTopics: Pick<TopicAdmin, 'describe'>
}

export interface FromPartition extends PartitionId {
  /** Which life of the topic it is. */
  readonly incarnation: string
}

/** All partitions on the source that the link replicates. Throws when one topic cannot be described: it may be written to. */
export const fromPartitions = async (
  deadline: Deadline,
  { named, ledger, sourceTopics }: FromPartitionsDeps,
): Promise<readonly FromPartition[]> => {
  const followed = [...new Set([...named, ...(await ledger.topics(deadline)).keys()])].sort()
  const { topics, undescribed } = await sourceTopics.describe(deadline, followed)
  return followed.flatMap((topic) => {
    const error = undescribed.get(topic)
    if (error !== undefined) throw error
    const { partitions = 0, incarnation = '' } = topics.get(topic) ?? {}
    return Array.from({ length: partitions }, (_, partition) => ({ topic, partition, incarnation }))
  })
}
