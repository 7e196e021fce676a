import { createDynamoDbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts'
import { gapLedger } from '../../shared/adapters/dynamodb/gap-ledger.ts'
import { lagLedger } from '../../shared/adapters/dynamodb/lag-ledger.ts'
import { linkState } from '../../shared/adapters/dynamodb/link-state.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { offsetMapPages } from '../../shared/adapters/dynamodb/offset-map-pages.ts'
import { topicLedger } from '../../shared/adapters/dynamodb/topic-ledger.ts'
import { KafkaGroupPositions } from '../../shared/adapters/kafka/kafka-group-positions.ts'
import { KafkaSourceLog } from '../../shared/adapters/kafka/kafka-source-log.ts'
import { KafkaTopicAdmin } from '../../shared/adapters/kafka/kafka-topic-admin.ts'
import { ControlPlane, createControlPlaneClient } from '../../shared/adapters/lambda/control-plane.ts'
import { mappingControl } from '../../shared/adapters/lambda/mapping-control.ts'
import { eventSourceMapping } from '../../shared/domain/event-source-mapping.ts'
import { kafkaAccess } from '../../shared/domain/kafka-access.ts'
import { replicatorName, tableName } from '../../shared/domain/link-names.ts'
import type { SyncOrder } from '../../shared/domain/topics/sync-order.ts'
import type { SyncTopicsDeps } from '../../shared/usecases/topics/sync-topics.ts'
import type { DynamoDbLocal } from '../dynamodb-local.ts'
import { BENCH_PLACE } from './bench-link.ts'

const ANY_KEY = { accessKeyId: 'bench', secretAccessKey: 'bench' }
const NO_SECRETS = { read: (name: string) => Promise.reject(new Error(`nobody keeps a secret ${name} here`)) }

export interface SyncPlace {
  readonly state: Pick<DynamoDbLocal, 'endpoint'>
  /** Of what answers as Lambda's control plane does. */
  readonly mappingsUrl: string
}

/** What the function connects to, but that nothing comes from the environment. */
export const syncDeps = (
  { link, flows }: SyncOrder,
  { state, mappingsUrl }: SyncPlace,
): SyncTopicsDeps & { close(): void } => {
  const { region } = BENCH_PLACE
  const [sourceAccess, targetAccess] = [kafkaAccess(link.source), kafkaAccess(link.target)]
  const source = new KafkaTopicAdmin(sourceAccess, { secrets: NO_SECRETS, side: 'source' })
  const target = new KafkaTopicAdmin(targetAccess, { secrets: NO_SECRETS, side: 'target' })
  const sourceLog = new KafkaSourceLog(sourceAccess, { secrets: NO_SECRETS })
  const groups = new KafkaGroupPositions(sourceAccess, { secrets: NO_SECRETS })
  const client = createDynamoDbClient({ endpoint: state.endpoint, region, credentials: ANY_KEY })
  const table = new LinkTable({ client, name: tableName(link) })
  const plane = new ControlPlane(createControlPlaneClient({ endpoint: mappingsUrl, region, credentials: ANY_KEY }))
  const mappings = mappingControl(plane, {
    installation: link.installation,
    name: link.name,
    functionName: replicatorName(link),
    stackTopics: link.topics,
    mappingOf: (topic) => eventSourceMapping(link, topic, BENCH_PLACE),
  })
  const close = () => [source, target, sourceLog, groups].forEach((connection) => void connection.close())
  const [ledger, heads] = [topicLedger(table), linkState(table)]
  const pages = { ...offsetMapPages(table), ...gapLedger(table) }
  const tables = { ledger, state: heads, lag: lagLedger(table), pages, alarm: () => undefined }
  return { link, flows, source, target, sourceLog, groups, ...tables, mappings, clock: Date, close }
}
