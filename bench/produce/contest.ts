import { dirname, join } from 'node:path'
import type { LocalCluster } from '../../local/cluster.ts'
import { runProcess } from '../../local/owned-process.ts'
import { createTopic, dropTopic } from '../bench-cluster.ts'
import type { DynamoDbLocal } from '../dynamodb-local.ts'
import { newReplicator } from '../replicator.ts'
import { type ContestFigures, type ContestJob, FIGURES_MARK } from './contest-job.ts'
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
}

const PARTITIONS = 8
const NODE = join(dirname(import.meta.filename), 'contestant.ts')

/** One contestant's turn: a topic and a process of its own, both gone afterwards. */
export const runHeat = async (
  contestant: Contestant,
  { shape, round, ...sizes }: Heat,
  arena: Arena,
): Promise<ContestFigures> => {
  const { cluster, folder } = arena
  const topic = `${contestant}-${shape.name.replaceAll(/\W+/g, '')}-${round}`.toLowerCase()
  const { bootstrapServers } = cluster
  await createTopic(cluster, topic, PARTITIONS)
  const link = {
    source: bootstrapServers,
    target: bootstrapServers,
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
    return contestant === 'ProducerPerformance' ? await contendProducerPerformance(job, folder) : await contend(job)
  } finally {
    await dropTopic(cluster, topic)
  }
}

const contend = async (job: ContestJob): Promise<ContestFigures> => {
  const output = await runProcess(process.execPath, [NODE, JSON.stringify(job)])
  const line = output.split('\n').findLast((text) => text.startsWith(FIGURES_MARK))
  if (line === undefined) throw new Error(`running ${job.contestant}: it printed no figures\n${output.slice(-2000)}`)
  return JSON.parse(line.slice(FIGURES_MARK.length)) as ContestFigures
}
