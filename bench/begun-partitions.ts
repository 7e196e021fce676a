import { Admin } from '@platformatic/kafka'
import type { LocalCluster } from '../local/kafka/cluster.ts'
import { clientOptions } from '../local/kafka/local-topics.ts'
import { linkState } from '../shared/adapters/dynamodb/link-state.ts'
import { LinkTable } from '../shared/adapters/dynamodb/link-table.ts'
import { firstHead } from '../shared/domain/progress.ts'
import type { DynamoDbLocal } from './dynamodb-local.ts'
import { FIRST_OFFSET } from './produce/kafka-event.ts'
import { tableOf } from './replicator.ts'

const WITHIN_MS = 30_000

/**
 * Checkpoints right before the events of the bench, which are on no source: a first batch that the source does not hold is
 * refused, since it may be of an earlier topic of that name.
 */
export const beginPartitions = async (
  link: string,
  topics: readonly string[],
  partitions: number,
  cluster: LocalCluster,
  { client }: DynamoDbLocal,
): Promise<void> => {
  const state = linkState(new LinkTable({ client, name: tableOf(link) }))
  const deadline = { at: Date.now() + WITHIN_MS, signal: AbortSignal.timeout(WITHIN_MS) }
  const start = BigInt(FIRST_OFFSET)
  const last = { source: start - 1n, fingerprint: '', timestamp: 0 }
  for (const topic of topics) {
    const incarnation = await topicId(cluster, topic)
    const first = firstHead({ incarnation, start, logStart: undefined }, { epoch: 0, now: Date.now() })
    const begin = (partition: number) => state.advance({ topic, partition }, undefined, { ...first, last }, deadline)
    await Promise.all(Array.from({ length: partitions }, (_, partition) => begin(partition)))
  }
}

/** As Kafka's protocol writes it: 22 characters of base64url. */
const topicId = async (cluster: LocalCluster, topic: string): Promise<string> => {
  const admin = new Admin(clientOptions(cluster))
  try {
    const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true })
    const uuid = topics.get(topic)?.id ?? ''
    return Buffer.from(uuid.replaceAll('-', ''), 'hex').toString('base64url')
  } finally {
    await admin.close()
  }
}
