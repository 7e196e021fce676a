import { Consumer } from '@platformatic/kafka'
import type { LocalCluster } from '../../local/kafka/cluster.ts'
import { kafkaClient } from '../../local/kafka/kafka-client.ts'
import { clientOptions, createTopics } from '../../local/kafka/local-topics.ts'
import { KafkaGroupAdmin } from '../../shared/adapters/kafka/kafka-group-admin.ts'
import type { GroupWorld, OpenTransaction } from './group-admin-contract.ts'
import { inTime } from './in-time.ts'
import { KafkaProxy } from './kafka-proxy.ts'
import { KAFKA_VERSION, NO_SECRETS, openAccess, openCluster } from './target-cluster.ts'

/** Requests of clients of groups: commits, reads, coordinators' whereabouts and lists. */
const OF_GROUPS: readonly number[] = [8, 9, 10, 16]

/** A member of the group comes, and nothing else; returns how it goes. */
export const joinGroup = async (
  cluster: LocalCluster,
  group: string,
  topic: string,
  protocol: 'classic' | 'consumer',
): Promise<() => Promise<void>> => {
  const consumer = new Consumer({ ...clientOptions(cluster), groupId: group, groupProtocol: protocol })
  const stream = await consumer.consume({ topics: [topic], mode: 'latest', autocommit: false })
  return async () => {
    await stream.close()
    await consumer.close()
  }
}

/** Takes an offset of partition 0 into a transaction, as a consumer does that is a producer as well. */
export const beginTransaction = async (
  cluster: LocalCluster,
  group: string,
  topic: string,
  offset: bigint,
): Promise<OpenTransaction> => {
  const producer = kafkaClient(cluster.bootstrapServers, cluster.login).producer({
    transactionalId: `${group} ${topic}`,
    idempotent: true,
    maxInFlightRequests: 1,
  })
  await producer.connect()
  const transaction = await producer.transaction()
  const offsets = { topics: [{ topic, partitions: [{ partition: 0, offset: String(offset) }] }] }
  await transaction.sendOffsets({ consumerGroupId: group, ...offsets })
  return {
    end: async (how) => {
      await transaction[how]()
      await producer.disconnect()
    },
  }
}

/** A cluster of one broker whose requests are counted. */
export const openGroupWorld = async (): Promise<GroupWorld> => {
  const { cluster, close } = await openCluster({ properties: { 'group.initial.rebalance.delay.ms': '0' } })
  const proxy = await KafkaProxy.to(cluster.brokers[0]?.port ?? 0)
  const admin = new KafkaGroupAdmin(openAccess([`127.0.0.1:${proxy.port}`]), { secrets: NO_SECRETS, side: 'target' })
  // no broker coordinates anything before somebody asks which one does, and not all clients wait for it
  const everywhere = Array.from({ length: 20 }, (_, index) => `nobody-${index}`)
  await admin.committed(everywhere, inTime())
  return {
    admin,
    requests: () => proxy.asked.filter((api) => OF_GROUPS.includes(api)).length,
    makeTopics: (topics, partitions) =>
      createTopics(
        cluster,
        topics.map((name) => ({ name, partitions })),
      ),
    join: (group, topic, kind) => joinGroup(cluster, group, topic, kind),
    begin: (group, topic, offset) => beginTransaction(cluster, group, topic, offset),
    kinds: KAFKA_VERSION === '4.3.1' ? ['classic', 'consumer'] : ['classic'],
    many: { groups: 500, partitions: 20 },
    close: async () => {
      admin.close()
      await proxy.close()
      await close()
    },
  }
}
