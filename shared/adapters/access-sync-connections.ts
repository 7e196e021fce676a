import type { AccessOrder } from '../domain/access/access-order.ts'
import { type KafkaAccess, kafkaAccess } from '../domain/kafka-access.ts'
import { tableName } from '../domain/link-names.ts'
import type { AwsPlace } from '../domain/secret-reference.ts'
import type { Link } from '../domain/topology/topology.ts'
import type { AccessAdmin } from '../usecases/access/survey-access.ts'
import type { SyncAccessDeps } from '../usecases/access/sync-access.ts'
import { accessLedger } from './dynamodb/access-ledger.ts'
import { createDynamoDbClient } from './dynamodb/dynamodb-client.ts'
import { FENCES_KEY, HELD_KEY } from './dynamodb/item-keys.ts'
import { linkState } from './dynamodb/link-state.ts'
import { LinkTable } from './dynamodb/link-table.ts'
import { topicLedger } from './dynamodb/topic-ledger.ts'
import { AccessCluster } from './kafka/access-cluster.ts'
import type { ClusterSideOptions } from './kafka/cluster-side.ts'
import { KafkaAclAdmin } from './kafka/kafka-acl-admin.ts'
import { KafkaQuotaAdmin } from './kafka/kafka-quota-admin.ts'
import { KafkaScramUsers } from './kafka/kafka-scram-users.ts'
import { startWithin } from './running-deadline.ts'
import { SecretsManager } from './secrets/secrets-manager.ts'

/** Everything that a pass over the rights of a link needs; nothing is connected before it is used. `place`: where it runs. */
export const connectAccessSync = (
  { link, access, returning, fenced }: AccessOrder,
  place: AwsPlace,
): SyncAccessDeps & { close(): void } => {
  const secrets = new SecretsManager(place.region)
  const source = connectAccess(kafkaAccess(link.source), { secrets, side: 'source' })
  const target = connectAccess(kafkaAccess(link.target), { secrets, side: 'target' })
  const table = tableAt(link.target.region, tableName(link), link.initialMode)
  return {
    link,
    access,
    source,
    target,
    topics: topicLedger(table),
    registry: accessLedger(table),
    returning: returning.map((other) => accessLedger(tableAt(other.region, other.table))),
    fenced,
    fences: accessLedger(table, FENCES_KEY),
    held: accessLedger(table, HELD_KEY),
    state: linkState(table),
    within: startWithin,
    close: () => [source, target].forEach((connection) => void connection.close()),
  }
}

/** `initialMode`: of registries nothing else is read. */
const tableAt = (region: string, name: string, initialMode: Link['initialMode'] = 'forwarding'): LinkTable =>
  new LinkTable({ client: createDynamoDbClient({ region }), name, initialMode })

/** One cluster, and all that can be asked of it about rights. */
export const connectAccess = (access: KafkaAccess, options: ClusterSideOptions): AccessAdmin & { close(): void } => {
  const cluster = new AccessCluster(access, options)
  return {
    acls: new KafkaAclAdmin(cluster),
    quotas: new KafkaQuotaAdmin(cluster),
    scram: new KafkaScramUsers(cluster),
    clusterId: (deadline) => cluster.clusterId(deadline),
    close: () => cluster.close(),
  }
}
