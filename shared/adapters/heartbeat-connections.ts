import type { HeartbeatOrder } from '../domain/heartbeat/heartbeat-order.ts'
import { kafkaAccess } from '../domain/kafka-access.ts'
import { tableName } from '../domain/link-names.ts'
import type { AwsPlace } from '../domain/secret-reference.ts'
import type { BeatDeps } from '../usecases/heartbeat/beat.ts'
import { createDynamoDbClient } from './dynamodb/dynamodb-client.ts'
import { heartbeatLedger } from './dynamodb/heartbeat-ledger.ts'
import { lease } from './dynamodb/lease.ts'
import { linkState } from './dynamodb/link-state.ts'
import { LinkTable } from './dynamodb/link-table.ts'
import { KafkaTargetLog } from './kafka/kafka-target-log.ts'
import { KafkaTopicAdmin } from './kafka/kafka-topic-admin.ts'
import { rest, startWithin } from './running-deadline.ts'
import { SecretsManager } from './secrets/secrets-manager.ts'

const LEASE = 'heartbeat'

/** What beats need but for whom failures are told to; nothing is connected before it is used. */
export type HeartbeatConnections = Omit<BeatDeps, 'fail'> & { close(): void }

/** Beats are appended to the source in the way in which records are to a target. `place`: where it runs. */
export const connectHeartbeat = ({ link }: HeartbeatOrder, place: AwsPlace): HeartbeatConnections => {
  const secrets = new SecretsManager(place.region)
  const access = kafkaAccess(link.source)
  const log = new KafkaTargetLog(access, { secrets, compression: 'none' })
  const topics = new KafkaTopicAdmin(access, { secrets, side: 'source' })
  const table = new LinkTable({
    client: createDynamoDbClient({ region: link.target.region }),
    name: tableName(link),
    initialMode: link.initialMode,
  })
  return {
    link,
    log,
    topics,
    state: linkState(table),
    ledger: heartbeatLedger(table),
    lease: lease(table, LEASE),
    clock: Date,
    rest,
    within: startWithin,
    close: () => [log, topics].forEach((connection) => void connection.close()),
  }
}
