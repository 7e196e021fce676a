import { join } from 'node:path'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { REPLICATE_NODE_OPTIONS } from '../../shared/config/replicate-config.ts'
import { beginPartitions } from '../begun-partitions.ts'
import { createTopic, dropTopic } from '../bench-cluster.ts'
import type { DynamoDbLocal } from '../dynamodb-local.ts'
import { runMeasured } from '../measured-process.ts'
import { newReplicator, openAccess } from '../replicator.ts'
import type { FanoutFigures, FanoutJob } from './fanout-runner.ts'

export interface FanoutPlace {
  readonly cluster: LocalCluster
  readonly state: DynamoDbLocal
  readonly bundle: string
}

/**
 * The first index entry of a partition touches a new file that the broker maps into memory. Where that is slow, a broker
 * takes a thousand partitions one after the other for so long that appends end at their deadline, which says nothing of us.
 */
const WITHOUT_INDEX = { 'index.interval.bytes': '2000000000' }

const RUNNER = join(import.meta.dirname, 'fanout-runner.ts')

/** The same number of records in one event, over few partitions or many. */
export const measureFanout = async (
  partitions: number,
  sizes: Pick<FanoutJob, 'records' | 'warmUps' | 'events'>,
  { cluster, state, bundle }: FanoutPlace,
): Promise<FanoutFigures> => {
  const topic = `fanout-${partitions}`
  await createTopic(cluster, topic, partitions, WITHOUT_INDEX)
  try {
    const link = {
      source: openAccess('source', cluster),
      target: openAccess('target', cluster),
      compression: 'none',
      replicaTemplate: '{topic}',
    } as const
    const replicator = await newReplicator(topic, link, bundle, state)
    await beginPartitions(topic, [topic], partitions, cluster, state)
    const job: FanoutJob = { replicator, topic, partitions, ...sizes }
    return await runMeasured<FanoutFigures>(RUNNER, job, REPLICATE_NODE_OPTIONS)
  } finally {
    await dropTopic(cluster, topic)
  }
}
