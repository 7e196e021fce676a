import { createDynamoDbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts'
import { groupLedger } from '../../shared/adapters/dynamodb/group-ledger.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { topicLedger } from '../../shared/adapters/dynamodb/topic-ledger.ts'
import { KafkaGroupAdmin } from '../../shared/adapters/kafka/kafka-group-admin.ts'
import { KafkaLogReader } from '../../shared/adapters/kafka/kafka-log-reader.ts'
import { KafkaTopicAdmin } from '../../shared/adapters/kafka/kafka-topic-admin.ts'
import { groupOrder } from '../../shared/domain/groups/group-order.ts'
import { kafkaAccess } from '../../shared/domain/kafka-access.ts'
import type { PartitionId } from '../../shared/domain/record.ts'
import { type GroupPassReport, groupPassReport } from '../../shared/usecases/groups/group-report.ts'
import { type SyncGroupsDeps, syncGroups } from '../../shared/usecases/groups/sync-groups.ts'
import { inTime } from './in-time.ts'
import type { Rig } from './replication-rig.ts'
import type { RigLink } from './rig-link.ts'
import { RIG_CREDENTIALS, RIG_REGION } from './rig-topology.ts'
import { NO_SECRETS } from './target-cluster.ts'

/** What moves the groups of a link between real clusters, and where groups stand. */
export class MovingGroups {
  deps: SyncGroupsDeps
  readonly source: KafkaGroupAdmin
  readonly target: KafkaGroupAdmin
  readonly #close: () => void

  constructor(rig: Rig, link: RigLink, reverses: readonly RigLink[] = []) {
    const [sourceAccess, targetAccess] = [kafkaAccess(link.link.source), kafkaAccess(link.link.target)]
    const sourceTopics = new KafkaTopicAdmin(sourceAccess, { secrets: NO_SECRETS, side: 'source' })
    const targetTopics = new KafkaTopicAdmin(targetAccess, { secrets: NO_SECRETS, side: 'target' })
    const targetLog = new KafkaLogReader(targetAccess, { secrets: NO_SECRETS, side: 'target' })
    this.source = new KafkaGroupAdmin(sourceAccess, { secrets: NO_SECRETS, side: 'source' })
    this.target = new KafkaGroupAdmin(targetAccess, { secrets: NO_SECRETS, side: 'target' })
    this.deps = {
      ...groupOrder(link.link, { links: [link.link, ...reverses.map((reverse) => reverse.link)] }),
      memory: memoryOf(rig, link),
      reverseMemories: new Map(reverses.map((reverse) => [reverse.link.name, memoryOf(rig, reverse)])),
      source: this.source,
      target: this.target,
      sourceTopics,
      targetTopics,
      targetLog,
      clock: Date,
    }
    this.#close = () =>
      [this.source, this.target, sourceTopics, targetTopics, targetLog].forEach((one) => void one.close())
  }

  /** One pass over one group. */
  async pass(group: string, deps: SyncGroupsDeps = this.deps): Promise<GroupPassReport> {
    const link = { ...deps.link, groups: [`^${group}$`] }
    return groupPassReport(await syncGroups(inTime(), { ...deps, link }))
  }

  close(): void {
    this.#close()
  }
}

const memoryOf = (rig: Rig, link: RigLink): SyncGroupsDeps['memory'] => {
  const { endpoint } = rig.dynamoDb
  const client = createDynamoDbClient({ endpoint, region: RIG_REGION, credentials: RIG_CREDENTIALS })
  const table = new LinkTable({ client, name: link.config.table.name })
  return { topics: topicLedger(table), groups: groupLedger(table), map: link.state }
}

/** As a consumer commits that is alone. */
export const commitOn = async (
  admin: KafkaGroupAdmin,
  group: string,
  { topic, partition }: PartitionId,
  offset: bigint,
): Promise<void> => {
  const offsets = new Map([[topic, new Map([[partition, { offset, metadata: '' }]])]])
  const answer = (await admin.commit(new Map([[group, offsets]]), inTime())).get(group)?.get(topic)?.get(partition)
  if (answer?.kind !== 'committed') throw new Error(`committing for ${group}: ${JSON.stringify(answer)}`)
}

/** `undefined`: nothing is committed. */
export const standsAt = async (
  admin: KafkaGroupAdmin,
  group: string,
  { topic, partition }: PartitionId,
): Promise<bigint | undefined> => {
  const topics = (await admin.committed([group], inTime())).get(group)
  if (topics instanceof Error) throw topics
  const answer = topics?.get(topic)?.get(partition)
  return answer?.kind === 'committed' ? answer.offset : undefined
}
