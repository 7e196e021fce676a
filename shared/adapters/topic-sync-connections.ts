import { eventSourceMapping } from '../domain/event-source-mapping.ts'
import { kafkaAccess } from '../domain/kafka-access.ts'
import { replicatorName, tableName } from '../domain/link-names.ts'
import type { AwsPlace } from '../domain/secret-reference.ts'
import type { SyncOrder } from '../domain/topics/sync-order.ts'
import type { SyncTopicsDeps } from '../usecases/topics/sync-topics.ts'
import { createDynamoDbClient } from './dynamodb/dynamodb-client.ts'
import { gapLedger } from './dynamodb/gap-ledger.ts'
import { lagLedger } from './dynamodb/lag-ledger.ts'
import { linkState } from './dynamodb/link-state.ts'
import { LinkTable } from './dynamodb/link-table.ts'
import { offsetMapPages } from './dynamodb/offset-map-pages.ts'
import { topicLedger } from './dynamodb/topic-ledger.ts'
import { KafkaGroupPositions } from './kafka/kafka-group-positions.ts'
import { KafkaSourceLog } from './kafka/kafka-source-log.ts'
import { KafkaTopicAdmin } from './kafka/kafka-topic-admin.ts'
import { ControlPlane, createControlPlaneClient } from './lambda/control-plane.ts'
import { mappingControl } from './lambda/mapping-control.ts'
import { SecretsManager } from './secrets/secrets-manager.ts'

const DAY_MS = 86_400_000

/** What a pass over the topics of a link needs but for who is told of gaps. */
type TopicSyncConnections = Omit<SyncTopicsDeps, 'alarm'> & { close(): void }

/** Nothing is connected before it is used. `place`: where it runs. */
export const connectTopicSync = ({ link, flows }: SyncOrder, place: AwsPlace): TopicSyncConnections => {
  const secrets = new SecretsManager(place.region)
  const [sourceAccess, targetAccess] = [kafkaAccess(link.source), kafkaAccess(link.target)]
  const source = new KafkaTopicAdmin(sourceAccess, { secrets, side: 'source' })
  const target = new KafkaTopicAdmin(targetAccess, { secrets, side: 'target' })
  const sourceLog = new KafkaSourceLog(sourceAccess, { secrets })
  const groups = new KafkaGroupPositions(sourceAccess, { secrets })
  const table = new LinkTable({
    client: createDynamoDbClient({ region: link.target.region }),
    name: tableName(link),
    initialMode: link.initialMode,
    retentionMs: link.mapRetentionDays * DAY_MS,
  })
  const plane = new ControlPlane(createControlPlaneClient({ region: place.region }))
  return {
    link,
    flows,
    source,
    target,
    sourceLog,
    groups,
    ledger: topicLedger(table),
    state: linkState(table),
    pages: { ...offsetMapPages(table), ...gapLedger(table) },
    lag: lagLedger(table),
    mappings: mappingControl(plane, {
      installation: link.installation,
      name: link.name,
      functionName: replicatorName(link),
      stackTopics: link.topics,
      mappingOf: (topic) => eventSourceMapping(link, topic, place),
    }),
    clock: Date,
    close: () => [source, target, sourceLog, groups].forEach((connection) => void connection.close()),
  }
}
