import type { Mapping } from '../../local/aws/gateway/mapping-configuration.ts'
import { eventually } from '../../local/machine/eventually.ts'
import type { Poller } from '../../local/poller/poller.ts'
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts'
import { lagLedger } from '../../shared/adapters/dynamodb/lag-ledger.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { topicLedger } from '../../shared/adapters/dynamodb/topic-ledger.ts'
import { KafkaGroupPositions } from '../../shared/adapters/kafka/kafka-group-positions.ts'
import { KafkaSourceLog } from '../../shared/adapters/kafka/kafka-source-log.ts'
import { KafkaTopicAdmin } from '../../shared/adapters/kafka/kafka-topic-admin.ts'
import type { Gap } from '../../shared/domain/head.ts'
import { kafkaAccess } from '../../shared/domain/kafka-access.ts'
import { syncOrder } from '../../shared/domain/topics/sync-order.ts'
import { type PassReport, passReport } from '../../shared/usecases/topics/pass-report.ts'
import { type SyncTopicsDeps, syncTopics } from '../../shared/usecases/topics/sync-topics.ts'
import { inTime } from './in-time.ts'
import { controlOf, type MappingGateway, startMappingGateway } from './mapping-gateway.ts'
import type { Rig } from './replication-rig.ts'
import type { PollOptions, RigLink } from './rig-link.ts'
import { type LinkOptions, RIG_CREDENTIALS, RIG_REGION } from './rig-topology.ts'
import { NO_SECRETS } from './target-cluster.ts'

const IN_STEP_WITHIN_MS = 60_000

/** The same partitions wait for nobody else's failures. */
const EACH_BY_ITSELF: PollOptions = { provisioned: true }

/** A link whose mappings are made by passes over its topics, behind Lambda's API, and polled as soon as they are enabled. */
export class SyncedLink {
  /** What the pollers of each topic were told, in order, as in `start orders`. */
  readonly polls: string[] = []
  /** How far the clock is ahead of everybody else's. */
  aheadMs = 0
  readonly link: RigLink
  readonly deps: SyncTopicsDeps
  readonly gapsTold: Gap[] = []
  readonly #gateway: MappingGateway
  readonly #pollers = new Map<string, Poller>()
  readonly #close: () => void

  static async start(rig: Rig, options: LinkOptions): Promise<SyncedLink> {
    const link = await rig.link(options)
    const gateway = await startMappingGateway()
    const synced = new SyncedLink(rig, link, gateway)
    await gateway.mappings.pollWith({ start: (mapping) => synced.#poll(mapping), stop: (uuid) => synced.#stop(uuid) })
    return synced
  }

  private constructor(rig: Rig, link: RigLink, gateway: MappingGateway) {
    this.link = link
    this.#gateway = gateway
    const { endpoint } = rig.dynamoDb
    const client = createDynamoDbClient({ endpoint, region: RIG_REGION, credentials: RIG_CREDENTIALS })
    const [sourceAccess, targetAccess] = [kafkaAccess(link.link.source), kafkaAccess(link.link.target)]
    const source = new KafkaTopicAdmin(sourceAccess, { secrets: NO_SECRETS, side: 'source' })
    const target = new KafkaTopicAdmin(targetAccess, { secrets: NO_SECRETS, side: 'target' })
    const sourceLog = new KafkaSourceLog(sourceAccess, { secrets: NO_SECRETS })
    const groups = new KafkaGroupPositions(sourceAccess, { secrets: NO_SECRETS })
    const table = new LinkTable({ client, name: link.config.table.name })
    this.deps = {
      ...syncOrder(link.link, { links: [link.link] }),
      source,
      target,
      sourceLog,
      groups,
      ledger: topicLedger(table),
      state: link.state,
      pages: link.state,
      lag: lagLedger(table),
      alarm: (_, gap) => void this.gapsTold.push(gap),
      mappings: controlOf(link.link, gateway.url),
      clock: { now: () => Date.now() + this.aheadMs },
    }
    this.#close = () => [source, target, sourceLog, groups].forEach((connection) => void connection.close())
  }

  /** One pass; when it ends, Lambda has done what it was asked for. */
  async pass(deps: SyncTopicsDeps = this.deps): Promise<PassReport> {
    const report = passReport(await syncTopics(inTime(), deps))
    await this.#gateway.mappings.settled()
    return report
  }

  /** Passes until one has nothing to do; brokers show what is new a moment later. */
  inStep(): Promise<PassReport> {
    const isInStep = async (): Promise<PassReport | false> => {
      const report = await this.pass()
      return report.steps.length === 0 && report
    }
    return eventually('a pass with nothing to do', isInStep, { withinMs: IN_STEP_WITHIN_MS })
  }

  /** `undefined`: the topic has no mapping. */
  async stateOf(topic: string): Promise<string | undefined> {
    const mappings = await this.deps.mappings.list(inTime())
    return mappings.find((mapping) => mapping.topic === topic)?.state
  }

  /** The link itself is stopped along with its rig. */
  async stop(): Promise<void> {
    await this.link.stopPolling()
    await this.#gateway.stop()
    this.#close()
  }

  async #poll({ uuid, configuration: { Topics } }: Mapping): Promise<void> {
    const [topic = ''] = Topics
    this.polls.push(`start ${topic}`)
    this.#pollers.set(uuid, this.link.poll(topic, EACH_BY_ITSELF))
  }

  async #stop(uuid: string): Promise<void> {
    const poller = this.#pollers.get(uuid)
    if (poller === undefined) return
    this.#pollers.delete(uuid)
    this.polls.push(`stop ${poller.mapping.topic}`)
    await poller.stop()
  }
}
