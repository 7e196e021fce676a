import type { FailoverLink, FailoverOrder } from '../domain/failover/failover-order.ts'
import type { AwsPlace } from '../domain/secret-reference.ts'
import type { DataDeps, DataLink } from '../usecases/failover/data-deps.ts'
import type { LinkFunctions } from '../usecases/failover/link-functions.ts'
import { createDynamoDbClient } from './dynamodb/dynamodb-client.ts'
import { failoverBoundary } from './dynamodb/failover-boundary.ts'
import { failoverPairState } from './dynamodb/failover-pair-state.ts'
import { failoverPending } from './dynamodb/failover-pending.ts'
import { groupLedger } from './dynamodb/group-ledger.ts'
import { holeConfirmation } from './dynamodb/hole-confirmation.ts'
import { linkState } from './dynamodb/link-state.ts'
import { LinkTable } from './dynamodb/link-table.ts'
import { topicLedger } from './dynamodb/topic-ledger.ts'
import { connectGroupSync } from './group-sync-connections.ts'
import { KafkaClusterDisks } from './kafka/kafka-cluster-disks.ts'
import { KafkaClusterLayout } from './kafka/kafka-cluster-layout.ts'
import { KafkaGroupAdmin } from './kafka/kafka-group-admin.ts'
import { KafkaLogReader } from './kafka/kafka-log-reader.ts'
import { KafkaTopicAdmin } from './kafka/kafka-topic-admin.ts'
import { lambdaLinkFunctions } from './lambda/link-functions.ts'
import { rest, startWithin } from './running-deadline.ts'
import { SecretsManager } from './secrets/secrets-manager.ts'

export interface FailoverDataOptions {
  /** Only tests have others. @default those that are deployed */
  readonly functions?: LinkFunctions
}

/** What the steps of a failover need that look at data and move groups; nothing is connected before it is used. */
export const connectFailoverData = (
  order: FailoverOrder,
  place: AwsPlace,
  { functions }: FailoverDataOptions = {},
): DataDeps & { close(): void } => {
  const { forward, reverse } = order
  const from = connectCluster(order, 'source', place)
  const to = connectCluster(order, 'target', place)
  const options = { secrets: new SecretsManager(place.region), side: 'target' as const }
  const layout = new KafkaClusterLayout(order.to.access, options)
  const disks = new KafkaClusterDisks(order.to.access, options)
  const survey = connectGroupSync(forward.order, place)
  const table = tableOf(forward)
  const { read } = linkState(table)
  return {
    order,
    from,
    to: { ...to, layout, disks },
    forward: {
      ...kept(table),
      state: { read, ...holeConfirmation(table) },
      topics: topicLedger(table),
      groups: groupLedger(table),
      boundary: failoverBoundary(table),
    },
    ...(reverse && { reverse: kept(tableOf(reverse)) }),
    functions: functions ?? lambdaLinkFunctions({ link: forward.order.link, functions: forward.functions }),
    survey,
    clock: Date,
    rest,
    within: startWithin,
    close: () => [from, to, layout, disks, survey].forEach((connection) => void connection.close()),
  }
}

const DAY_MS = 86_400_000

const tableOf = ({ table, order: { link } }: FailoverLink): LinkTable =>
  new LinkTable({
    client: createDynamoDbClient({ region: table.region }),
    name: table.name,
    initialMode: link.initialMode,
    retentionMs: link.mapRetentionDays * DAY_MS,
  })

const kept = (table: LinkTable): DataLink => ({
  pair: failoverPairState(table, table.initialStatus),
  pending: failoverPending(table),
})

const connectCluster = (order: FailoverOrder, side: 'source' | 'target', place: AwsPlace) => {
  const { access } = side === 'source' ? order.from : order.to
  const options = { secrets: new SecretsManager(place.region), side }
  const topics = new KafkaTopicAdmin(access, options)
  const log = new KafkaLogReader(access, options)
  const groups = new KafkaGroupAdmin(access, options)
  return { topics, log, groups, close: () => [topics, log, groups].forEach((connection) => void connection.close()) }
}
