import type { FailoverLink, FailoverOrder } from '../domain/failover/failover-order.ts'
import type { TailFigures } from '../domain/failover/stranded-tail.ts'
import { initialStatus } from '../domain/head.ts'
import { failoverBucketName } from '../domain/link-names.ts'
import type { AwsPlace } from '../domain/secret-reference.ts'
import { replicaName, replicaTemplate } from '../domain/topics/topic-naming.ts'
import type { PairState } from '../usecases/failover/failover-ports.ts'
import type { Fencing } from '../usecases/failover/fence-ports.ts'
import { type FencingMeans, fencing } from '../usecases/failover/fencing.ts'
import { type FirstContactDeps, settlements } from '../usecases/failover/first-contact.ts'
import { fromPartitions } from '../usecases/failover/from-partitions.ts'
import { allRecords, lateRecords, lateWithProvenance, withoutLooped } from '../usecases/failover/own-records.ts'
import { returningTopics } from '../usecases/failover/returning-topics.ts'
import type { PendingDeps } from '../usecases/failover/settle-pending.ts'
import type { TailDeps } from '../usecases/failover/settle-tail.ts'
import { createDynamoDbClient } from './dynamodb/dynamodb-client.ts'
import { failoverBoundary } from './dynamodb/failover-boundary.ts'
import { failoverPairState } from './dynamodb/failover-pair-state.ts'
import { failoverPending } from './dynamodb/failover-pending.ts'
import { gapLedger } from './dynamodb/gap-ledger.ts'
import { lease } from './dynamodb/lease.ts'
import { linkState } from './dynamodb/link-state.ts'
import { LinkTable } from './dynamodb/link-table.ts'
import { tailLedger } from './dynamodb/tail-ledger.ts'
import { topicLedger } from './dynamodb/topic-ledger.ts'
import { connectFence, connectSwitch, type FencedCluster } from './fence-choices.ts'
import { KafkaLogReader } from './kafka/kafka-log-reader.ts'
import { KafkaRecordDeletion } from './kafka/kafka-record-deletion.ts'
import { KafkaSourceLog } from './kafka/kafka-source-log.ts'
import { KafkaTargetLog } from './kafka/kafka-target-log.ts'
import { KafkaTopicAdmin } from './kafka/kafka-topic-admin.ts'
import { rest } from './running-deadline.ts'
import { createS3Client } from './s3/s3-client.ts'
import { s3TailStore } from './s3/tail-store.ts'
import { SecretsManager } from './secrets/secrets-manager.ts'
import { stateMachineExecutions } from './sfn/executions.ts'

const LEASE = 'pending'
const DAY_MS = 86_400_000

export interface FenceOptions {
  /** Begins the link the other way, once its cluster has been met again. */
  readonly turnBack: FirstContactDeps['turnBack']
  /** Told how much is stranded. */
  readonly counted: (figures: TailFigures) => void
}

export interface FenceConnections {
  readonly fencing: Fencing
  readonly pending: PendingDeps
  close(): void
}

/** Everything that the function of the fence needs; nothing is connected before it is used. `place`: where it runs. */
export const connectFencing = (order: FailoverOrder, place: AwsPlace, options: FenceOptions): FenceConnections => {
  const open: { close(): void }[] = []
  const opened = <Connection extends { close(): void }>(connection: Connection): Connection => {
    open.push(connection)
    return connection
  }
  const table = tableOf(order.forward)
  const pair = { pair: pairOf(order.forward), pending: failoverPending(table) }
  const reverse = order.reverse && { pair: pairOf(order.reverse) }
  const means = connectMeans(order, place, table, opened)
  const contact = {
    ...means,
    order,
    forward: pair,
    ...(reverse && { reverse }),
    turnBack: options.turnBack,
    executions: opened(stateMachineExecutions()),
    clock: Date,
    tail: connectTail(order, place, { table, means, counted: options.counted }, opened),
  }
  return {
    fencing: fencing(means),
    pending: {
      pairName: order.pair,
      forward: pair,
      ...(reverse && { reverse }),
      settlements: settlements(contact),
      lease: lease(table, LEASE),
      clock: Date,
    },
    close: () => open.forEach((connection) => void connection.close()),
  }
}

type Open = <Connection extends { close(): void }>(connection: Connection) => Connection

const tableOf = ({ table, order }: FailoverLink): LinkTable =>
  new LinkTable({
    client: createDynamoDbClient({ region: table.region }),
    name: table.name,
    retentionMs: order.link.mapRetentionDays * DAY_MS,
    initialMode: order.link.initialMode,
  })

const pairOf = (link: FailoverLink): PairState =>
  failoverPairState(tableOf(link), initialStatus(link.order.link.initialMode))

type Means = FencingMeans & Pick<TailDeps, 'partitions' | 'reader'>

const connectMeans = (order: FailoverOrder, place: AwsPlace, table: LinkTable, opened: Open): Means => {
  const { from, to, forward, reverse, clients } = order
  const options = { secrets: new SecretsManager(place.region), side: 'source' as const }
  const sourceTopics = opened(new KafkaTopicAdmin(from.access, options))
  const named = forward.order.link.topics
  const fenced: FencedCluster = { cluster: from, other: to, table, opened, ...options }
  const back: FencedCluster = {
    ...{ cluster: to, other: from, table: reverse === undefined ? table : tableOf(reverse), tableMayBeGone: true },
    ...{ opened, secrets: options.secrets, side: 'target' },
  }
  const elsewhere = clients.filter(({ kind }) => kind === 'parameter')
  return {
    fences: order.fences.map((choice) => connectFence(choice, fenced)),
    fencesOfTarget: order.fencesOfTarget.filter(isLifted).map((choice) => connectFence(choice, back)),
    here: clients.map((choice) => connectSwitch(choice, to, to)),
    there: elsewhere.map((choice) => connectSwitch(choice, from, to)),
    partitions: (deadline) => fromPartitions(deadline, { named, ledger: topicLedger(table), sourceTopics }),
    reader: opened(new KafkaLogReader(from.access, options)),
    stillMs: order.stillMs,
    rest,
  }
}

/** A pointer is lifted by the switch, which points to the cluster that is active now. */
const isLifted = ({ kind }: FailoverOrder['fences'][number]): boolean => kind !== 'parameter'

interface TailPlace extends Pick<FenceOptions, 'counted'> {
  readonly table: LinkTable
  readonly means: Pick<TailDeps, 'partitions' | 'reader'>
}

const connectTail = (
  { pair, from, to, forward, reverse }: FailoverOrder,
  { region, account }: AwsPlace,
  { table, means, counted }: TailPlace,
  opened: Open,
): TailDeps => {
  const { link } = forward.order
  const secrets = new SecretsManager(region)
  const template = replicaTemplate(link.naming, link.source.name)
  const targetTopic = (topic: string): string => replicaName(template, topic)
  const target = opened(new KafkaTargetLog(to.access, { secrets, compression: link.compression }))
  const source = opened(new KafkaSourceLog(from.access, { secrets }))
  const topics = opened(new KafkaTopicAdmin(to.access, { secrets, side: 'target' }))
  const boundary = failoverBoundary(table)
  return {
    pair,
    cluster: from.cluster,
    partitions: means.partitions,
    reader: means.reader,
    state: linkState(table),
    boundary,
    ledger: tailLedger(table),
    store: s3TailStore(createS3Client({ region }), failoverBucketName(link, account)),
    own: link.provenance ? withoutLooped({ source, target, targetTopic }) : allRecords,
    late: link.provenance ? lateWithProvenance({ source, target, targetTopic }) : lateRecords,
    clock: Date,
    target,
    targetReader: opened(new KafkaLogReader(to.access, { secrets, side: 'target' })),
    targetTopic,
    deletion: opened(new KafkaRecordDeletion(from.access, { secrets })),
    gaps: gapLedger(table),
    returning: async (execution, deadline) =>
      reverse === undefined ? [] : await returningTopics(execution, reverse.order.link, deadline, { boundary, topics }),
    counted,
  }
}
