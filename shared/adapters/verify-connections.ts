import { kafkaAccess } from '../domain/kafka-access.ts'
import { tableName } from '../domain/link-names.ts'
import type { AwsPlace } from '../domain/secret-reference.ts'
import { replicaName, replicaTemplate } from '../domain/topics/topic-naming.ts'
import type { VerifyOrder } from '../domain/verify/verify-order.ts'
import type { VerificationLedger } from '../usecases/lag/lag-ports.ts'
import { replicatedPartitions } from '../usecases/topics/replicated-partitions.ts'
import { compactionOf } from '../usecases/topics/topic-compaction.ts'
import type { VerifyPlanDeps } from '../usecases/verify/plan-verification.ts'
import type { VerifyDeps } from '../usecases/verify/verify-ports.ts'
import { createDynamoDbClient } from './dynamodb/dynamodb-client.ts'
import { gapLedger } from './dynamodb/gap-ledger.ts'
import { holeConfirmation } from './dynamodb/hole-confirmation.ts'
import { linkState } from './dynamodb/link-state.ts'
import { LinkTable } from './dynamodb/link-table.ts'
import { offsetMapPages } from './dynamodb/offset-map-pages.ts'
import { topicLedger } from './dynamodb/topic-ledger.ts'
import { verificationLedger } from './dynamodb/verification-ledger.ts'
import { KafkaLogReader } from './kafka/kafka-log-reader.ts'
import { KafkaSourceLog } from './kafka/kafka-source-log.ts'
import { KafkaTopicAdmin } from './kafka/kafka-topic-admin.ts'
import { SecretsManager } from './secrets/secrets-manager.ts'

const DAY_MS = 86_400_000

/** Everything that verification needs; nothing is connected before it is used. `place`: where it runs. */
export const connectVerifier = (
  { link }: VerifyOrder,
  place: AwsPlace,
): VerifyDeps & VerifyPlanDeps & { readonly verification: VerificationLedger; close(): void } => {
  const secrets = new SecretsManager(place.region)
  const [sourceAccess, targetAccess] = [kafkaAccess(link.source), kafkaAccess(link.target)]
  const source = new KafkaLogReader(sourceAccess, { secrets, side: 'source' })
  const target = new KafkaLogReader(targetAccess, { secrets, side: 'target' })
  const lives = new KafkaSourceLog(sourceAccess, { secrets })
  const sourceTopics = new KafkaTopicAdmin(sourceAccess, { secrets, side: 'source' })
  const targetTopics = new KafkaTopicAdmin(targetAccess, { secrets, side: 'target' })
  const table = new LinkTable({
    client: createDynamoDbClient({ region: link.target.region }),
    name: tableName(link),
    initialMode: link.initialMode,
    retentionMs: link.mapRetentionDays * DAY_MS,
  })
  const template = replicaTemplate(link.naming, link.source.name)
  const ledger = topicLedger(table)
  return {
    source,
    target,
    lives,
    state: { ...linkState(table), ...offsetMapPages(table), ...gapLedger(table), ...holeConfirmation(table) },
    verification: verificationLedger(table),
    clock: Date,
    targetTopic: (topic) => replicaName(template, topic),
    isCompacted: compactionOf(targetTopics, Date),
    provenance: link.provenance,
    partitions: (deadline) => replicatedPartitions(deadline, { named: link.topics, ledger, sourceTopics }),
    random: Math.random,
    close: () => [source, target, lives, sourceTopics, targetTopics].forEach((connection) => void connection.close()),
  }
}
