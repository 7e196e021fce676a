import type { GroupOrder } from '../domain/groups/group-order.ts'
import { kafkaAccess } from '../domain/kafka-access.ts'
import { tableName } from '../domain/link-names.ts'
import type { AwsPlace } from '../domain/secret-reference.ts'
import { Census } from '../usecases/lag/census.ts'
import type { VerificationLedger } from '../usecases/lag/lag-ports.ts'
import type { MeasureLagDeps } from '../usecases/lag/measure-lag.ts'
import { SourceTopics } from '../usecases/topics/source-topics.ts'
import { createDynamoDbClient } from './dynamodb/dynamodb-client.ts'
import { gapLedger } from './dynamodb/gap-ledger.ts'
import { heartbeatLedger } from './dynamodb/heartbeat-ledger.ts'
import { lagLedger } from './dynamodb/lag-ledger.ts'
import { lease } from './dynamodb/lease.ts'
import { linkState } from './dynamodb/link-state.ts'
import { LinkTable } from './dynamodb/link-table.ts'
import { offsetMapPages } from './dynamodb/offset-map-pages.ts'
import { topicLedger } from './dynamodb/topic-ledger.ts'
import { verificationLedger } from './dynamodb/verification-ledger.ts'
import { connectGroupSync } from './group-sync-connections.ts'
import { KafkaLogReader } from './kafka/kafka-log-reader.ts'
import { KafkaTopicAdmin } from './kafka/kafka-topic-admin.ts'
import { rest, startWithin } from './running-deadline.ts'
import { SecretsManager } from './secrets/secrets-manager.ts'

const LEASE = 'measure-lag'

/** What a sample of the lag needs but for whom it is told to; nothing is connected before it is used. `place`: where it runs. */
export type LagConnections = Omit<MeasureLagDeps, 'tell' | 'fail'> & {
  readonly verification: Pick<VerificationLedger, 'read'>
  close(): void
}

export const connectLag = (order: GroupOrder, place: AwsPlace): LagConnections => {
  const { link } = order
  const secrets = new SecretsManager(place.region)
  const access = kafkaAccess(link.source)
  const source = new KafkaLogReader(access, { secrets, side: 'source' })
  const admin = new KafkaTopicAdmin(access, { secrets, side: 'source' })
  const groups = link.syncGroups ? connectGroupSync(order, place) : undefined
  const table = new LinkTable({
    client: createDynamoDbClient({ region: link.target.region }),
    name: tableName(link),
    initialMode: link.initialMode,
  })
  const map = { ...gapLedger(table), ...offsetMapPages(table) }
  return {
    link,
    source,
    topics: new SourceTopics({ named: link.topics, ledger: topicLedger(table), admin, clock: Date }),
    state: linkState(table),
    ledger: lagLedger(table),
    map,
    census: new Census({ link, state: map, clock: Date }),
    verification: verificationLedger(table),
    ...(link.heartbeats && { beats: heartbeatLedger(table) }),
    lease: lease(table, LEASE),
    ...(groups && { groups }),
    clock: Date,
    rest,
    within: startWithin,
    close: () => {
      void source.close()
      void admin.close()
      groups?.close()
    },
  }
}
