import type { GroupOrder } from '../domain/groups/group-order.ts'
import { kafkaAccess } from '../domain/kafka-access.ts'
import { tableName } from '../domain/link-names.ts'
import type { AwsPlace } from '../domain/secret-reference.ts'
import type { Link } from '../domain/topology/topology.ts'
import type { SyncGroupsDeps } from '../usecases/groups/sync-groups.ts'
import { createDynamoDbClient } from './dynamodb/dynamodb-client.ts'
import { groupLedger } from './dynamodb/group-ledger.ts'
import { linkState } from './dynamodb/link-state.ts'
import { LinkTable } from './dynamodb/link-table.ts'
import { offsetMapPages } from './dynamodb/offset-map-pages.ts'
import { topicLedger } from './dynamodb/topic-ledger.ts'
import { KafkaGroupAdmin } from './kafka/kafka-group-admin.ts'
import { KafkaLogReader } from './kafka/kafka-log-reader.ts'
import { KafkaTopicAdmin } from './kafka/kafka-topic-admin.ts'
import { SecretsManager } from './secrets/secrets-manager.ts'

const DAY_MS = 86_400_000

/** Everything that a pass over the groups of a link needs; nothing is connected before it is used. `place`: where it runs. */
export const connectGroupSync = (order: GroupOrder, place: AwsPlace): SyncGroupsDeps & { close(): void } => {
  const secrets = new SecretsManager(place.region)
  const [sourceAccess, targetAccess] = [kafkaAccess(order.link.source), kafkaAccess(order.link.target)]
  const source = new KafkaGroupAdmin(sourceAccess, { secrets, side: 'source' })
  const target = new KafkaGroupAdmin(targetAccess, { secrets, side: 'target' })
  const sourceTopics = new KafkaTopicAdmin(sourceAccess, { secrets, side: 'source' })
  const targetTopics = new KafkaTopicAdmin(targetAccess, { secrets, side: 'target' })
  const targetLog = new KafkaLogReader(targetAccess, { secrets, side: 'target' })
  const all = [source, target, sourceTopics, targetTopics, targetLog]
  return {
    ...order,
    memory: memoryOf(order.link),
    reverseMemories: new Map(order.reverses.map((link) => [link.name, memoryOf(link)])),
    source,
    target,
    sourceTopics,
    targetTopics,
    targetLog,
    clock: Date,
    close: () => all.forEach((connection) => void connection.close()),
  }
}

/** In the region of the link's target, which for a reverse link is the source of this one. */
const memoryOf = (link: Link): SyncGroupsDeps['memory'] => {
  const table = new LinkTable({
    client: createDynamoDbClient({ region: link.target.region }),
    name: tableName(link),
    initialMode: link.initialMode,
    retentionMs: link.mapRetentionDays * DAY_MS,
  })
  return {
    topics: topicLedger(table),
    groups: groupLedger(table),
    map: { read: linkState(table).read, ...offsetMapPages(table) },
  }
}
