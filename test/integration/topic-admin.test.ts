import { KafkaTopicAdmin } from '../../shared/adapters/kafka/kafka-topic-admin.ts'
import { KafkaProxy } from '../support/kafka-proxy.ts'
import { NO_SECRETS, openAccess, openCluster } from '../support/target-cluster.ts'
import { describeTopicAdmin } from '../support/topic-admin-contract.ts'

const API_VERSIONS = 18

describeTopicAdmin('a real cluster', async () => {
  // makes whatever is asked for without care
  const { cluster, close } = await openCluster({ properties: { 'auto.create.topics.enable': 'true' } })
  const [broker] = cluster.brokers
  const proxy = await KafkaProxy.to(broker?.port ?? 0)
  const admin = new KafkaTopicAdmin(openAccess([`127.0.0.1:${proxy.port}`]), { secrets: NO_SECRETS, side: 'target' })
  return {
    admin,
    requests: () => proxy.asked.filter((api) => api !== API_VERSIONS).length,
    many: 200,
    brokers: 1,
    close: async () => {
      admin.close()
      await proxy.close()
      await close()
    },
  }
})
