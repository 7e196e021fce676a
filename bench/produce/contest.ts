import { join } from 'node:path'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { REPLICATE_NODE_OPTIONS } from '../../shared/config/replicate-config.ts'
import { beginPartitions } from '../begun-partitions.ts'
import { createTopic, dropTopic } from '../bench-cluster.ts'
import type { DynamoDbLocal } from '../dynamodb-local.ts'
import { runMeasured } from '../measured-process.ts'
import { newReplicator, openAccess } from '../replicator.ts'
import type { ContestFigures, ContestJob } from './contest-job.ts'
import type { Contestant } from './contestants.ts'
import { contendProducerPerformance } from './producer-performance.ts'
import type { RecordShape } from './record-shape.ts'

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
  /** Of Node, besides those that the function is deployed with. */
  readonly nodeOptions?: readonly string[]
}

const PARTITIONS = 8
const RUNNER = join(import.meta.dirname, 'contestant.ts')

/** One contestant's turn: topics and a process of its own, all gone afterwards. */
export const runHeat = async (
  { name, client, atOnce, discipline }: Contestant,
  { shape, round, nodeOptions = [], ...sizes }: Heat,
  arena: Arena,
): Promise<ContestFigures> => {
  const { cluster, folder } = arena
  const alias = `${name}-${shape.name}-${round}`.replaceAll(/\W+/g, '-').toLowerCase()
  const topics = Array.from({ length: client === 'twinshore' ? atOnce : 1 }, (_, at) => `${alias}-${at}`)
  const [first, ...others] = topics
  if (first === undefined) throw new RangeError(`${name} sends nothing`)
  const link = {
    source: openAccess('source', cluster),
    target: openAccess('target', cluster),
    compression: shape.compression,
    replicaTemplate: '{topic}',
  }
  for (const topic of topics) await createTopic(cluster, topic, PARTITIONS)
  try {
    const replicator = await newReplicator(alias, link, arena.bundle, arena.state)
    if (client === 'twinshore') await beginPartitions(alias, topics, PARTITIONS, cluster, arena.state)
    const { bootstrapServers } = cluster
    const fromEvent = discipline === 'in a function'
    const what = { client, atOnce, fromEvent, topics: [first, ...others], partitions: PARTITIONS, shape } as const
    const job: ContestJob = { ...what, bootstrapServers, replicator, ...sizes }
    if (client === 'ProducerPerformance') return await contendProducerPerformance(job, folder)
    const deployed = client === 'twinshore' ? REPLICATE_NODE_OPTIONS : []
    return await runMeasured<ContestFigures>(RUNNER, job, [...deployed, ...nodeOptions])
  } finally {
    for (const topic of topics) await dropTopic(cluster, topic)
  }
}
