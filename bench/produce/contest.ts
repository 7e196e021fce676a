import { join } from 'node:path'
import type { LocalCluster } from '../../local/cluster.ts'
import { createTopic, dropTopic } from '../bench-cluster.ts'
import type { DynamoDbLocal } from '../dynamodb-local.ts'
import { runMeasured } from '../measured-process.ts'
import { newReplicator, openAccess } from '../replicator.ts'
import type { ContestFigures, ContestJob } from './contest-job.ts'
import { contendProducerPerformance } from './producer-performance.ts'
import type { RecordShape } from './record-shape.ts'

export const CONTESTANTS = ['twinshore', 'kafkajs', 'platformatic', 'ProducerPerformance'] as const
export type Contestant = (typeof CONTESTANTS)[number]

/** Where all contestants of a contest meet. */
export interface Arena {
  readonly cluster: LocalCluster
  readonly state: DynamoDbLocal
  /** The replicate function as it is deployed. */
  readonly bundle: string
  readonly folder: string
}

export interface Heat {
  readonly shape: RecordShape
  readonly round: number
  readonly bytes: number
  readonly warmUpBytes: number
  /** Of Node, for contestants that run on it. */
  readonly nodeOptions?: readonly string[]
}

const PARTITIONS = 8
const RUNNER = join(import.meta.dirname, 'contestant.ts')

/** One contestant's turn: a topic and a process of its own, both gone afterwards. */
export const runHeat = async (
  contestant: Contestant,
  { shape, round, nodeOptions = [], ...sizes }: Heat,
  arena: Arena,
): Promise<ContestFigures> => {
  const { cluster, folder } = arena
  const topic = `${contestant}-${shape.name.replaceAll(/\W+/g, '')}-${round}`.toLowerCase()
  const { bootstrapServers } = cluster
  await createTopic(cluster, topic, PARTITIONS)
  const link = {
    source: openAccess('source', cluster),
    target: openAccess('target', cluster),
    compression: shape.compression,
    replicaTemplate: '{topic}',
  }
  const replicator = await newReplicator(topic, link, arena.bundle, arena.state)
  const job: ContestJob = {
    contestant,
    bootstrapServers,
    topic,
    partitions: PARTITIONS,
    shape,
    replicator,
    ...sizes,
  }
  try {
    return contestant === 'ProducerPerformance'
      ? await contendProducerPerformance(job, folder)
      : await runMeasured<ContestFigures>(RUNNER, job, nodeOptions)
  } finally {
    await dropTopic(cluster, topic)
  }
}
