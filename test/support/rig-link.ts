import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { LOCAL_CREDENTIALS } from '../../local/aws/aws.ts'
import { createLinkTable } from '../../local/aws/link-table.ts'
import type { PartitionLog } from '../../local/check/partition-log.ts'
import { judgePartition, total, type Verdict } from '../../local/check/verdict.ts'
import { type FunctionProcess, startFunction } from '../../local/function/function-process.ts'
import { eventually } from '../../local/machine/eventually.ts'
import type { Invoke } from '../../local/poller/invocations.ts'
import type { KafkaMapping, SourceLogin } from '../../local/poller/mapping.ts'
import { type Poller, type PollerOptions, startPoller } from '../../local/poller/poller.ts'
import type { InvokeResult } from '../../local/poller/verdict.ts'
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/dynamodb-client.ts'
import { gapLedger } from '../../shared/adapters/dynamodb/gap-ledger.ts'
import { lease } from '../../shared/adapters/dynamodb/lease.ts'
import { linkControl } from '../../shared/adapters/dynamodb/link-control.ts'
import { linkState } from '../../shared/adapters/dynamodb/link-state.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { offsetMapPages } from '../../shared/adapters/dynamodb/offset-map-pages.ts'
import { type ReplicateConfig, replicateConfig, toEnvironment } from '../../shared/config/replicate-config.ts'
import type { Gap, Head } from '../../shared/domain/head.ts'
import { consumerGroup } from '../../shared/domain/link-names.ts'
import type { PartitionId } from '../../shared/domain/record.ts'
import { replicaName } from '../../shared/domain/topics/topic-naming.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import type { Lease } from '../../shared/usecases/lease-ports.ts'
import type { GapLedger, LinkControl, LinkState, OffsetMapPages } from '../../shared/usecases/ports.ts'
import { headIn } from '../../shared/usecases/snapshot-head.ts'
import { DeliveryHistory } from './delivery-history.ts'
import { isCaughtUp } from './link-catch-up.ts'
import { positionsOf } from './link-positions.ts'
import { deadlinesInTime } from './polled.ts'
import type { Rig } from './replication-rig.ts'
import type { RigCluster } from './rig-cluster.ts'
import { type LinkOptions, linkOf, RIG_ACCOUNT, RIG_CREDENTIALS, RIG_REGION } from './rig-topology.ts'

export interface PollOptions extends PollerOptions {
  /** @default 100 */
  readonly batchSize?: number
  /** In provisioned mode several invocations of one poller run at once, so that a failing event holds up nobody else. */
  readonly provisioned?: boolean
}

export interface JudgeOptions {
  /** @default as the link names it */
  readonly targetTopic?: string
  /** As it was before the source lost records. @default as it is now */
  readonly sources?: readonly PartitionLog[]
  /** What of the target is judged. @default all of it */
  readonly targets?: readonly PartitionLog[]
}

/** As in Lambda, but that tests do not wait for a backoff of half a minute. */
const RETRY_SOON = { firstMs: 50, factor: 2, longestMs: 500 }
const TIMING = { metadataMaxAgeMs: 500, drainMs: 500 }
const CAUGHT_UP_WITHIN_MS = 60_000
const ASK_EVERY_MS = 50
/** The poller has the rights of the link, no more. */
const loginOf = ({ cluster }: RigCluster): SourceLogin => {
  const login = cluster.loginOf('replicator')
  return login.kind === 'none' ? login : { ...login, kind: 'scram', mechanism: 'SCRAM-SHA-512' }
}

export const makeRigLink = async (rig: Rig, options: LinkOptions): Promise<RigLink> => {
  const link = linkOf(rig, options)
  const config = replicateConfig(link, RIG_ACCOUNT)
  const client = createDynamoDbClient({
    endpoint: rig.dynamoDb.endpoint,
    region: RIG_REGION,
    credentials: RIG_CREDENTIALS,
  })
  await createLinkTable(client, config.table.name)
  if (config.quarantineBucket !== undefined) await createBucket(rig, config.quarantineBucket)
  return new RigLink(rig, link, config, new LinkTable({ client, name: config.table.name }), options)
}

const createBucket = async ({ aws }: Rig, name: string): Promise<void> => {
  const s3 = new S3Client({ endpoint: aws?.url ?? '', region: RIG_REGION, credentials: RIG_CREDENTIALS })
  await s3.send(new CreateBucketCommand({ Bucket: name }))
  s3.destroy()
}

/** One link: its table, its function in a process of its own, its pollers, and the judgement over what it did. */
export class RigLink {
  readonly config: ReplicateConfig
  readonly source: RigCluster
  readonly target: RigCluster
  readonly fn: FunctionProcess
  readonly history = new DeliveryHistory()
  readonly state: LinkState & OffsetMapPages & GapLedger & LinkControl
  /** Of whoever puts quarantined records back. */
  readonly replaying: Lease
  readonly environment: Readonly<Record<string, string>>
  /** Until when a poller waits for the function. */
  readonly timeoutMs: number
  readonly link: Link
  readonly #pollers: Poller[] = []
  readonly #isolation = new Map<string, 'committed' | 'uncommitted'>()

  constructor(rig: Rig, link: Link, config: ReplicateConfig, table: LinkTable, options: LinkOptions) {
    this.link = link
    this.config = config
    this.source = options.reverse ? rig.target : rig.source
    this.target = options.reverse ? rig.source : rig.target
    this.replaying = lease(table, 'replay')
    this.state = { ...linkState(table), ...offsetMapPages(table), ...gapLedger(table), ...linkControl(table) }
    this.timeoutMs = options.quickTimeoutMs ?? link.functionTimeoutMs
    this.environment = {
      ...toEnvironment(config),
      ...LOCAL_CREDENTIALS,
      AWS_REGION: RIG_REGION,
      AWS_ENDPOINT_URL_DYNAMODB: rig.stateEndpoint,
      AWS_ENDPOINT_URL: rig.aws?.url ?? rig.stateEndpoint,
    }
    this.fn = this.startFunction()
  }

  /** Another function process of the link, as when Lambda runs two at once. */
  startFunction(): FunctionProcess {
    return startFunction({ environment: this.environment, timeoutMs: this.timeoutMs })
  }

  get invoke(): Invoke {
    return this.history.watch(this.fn.invoke)
  }

  /** Invokes the function with an event made by hand. */
  send(event: unknown): Promise<InvokeResult> {
    const payload = Buffer.from(JSON.stringify(event))
    const { signal } = new AbortController()
    return this.fn.invoke(payload, { functionName: 'by-hand', event: 0, attempt: 0, why: 'first', signal })
  }

  targetTopic(topic: string): string {
    return replicaName(this.config.link.replicaTemplate, topic)
  }

  /** The consumer group of a topic's poller. */
  groupOf(topic: string): string {
    return consumerGroup(this.link, topic)
  }

  /** Polls a topic from its beginning, or from where its group stands; the batch in flight is tried until it succeeds. */
  poll(
    topic: string,
    { batchSize = 100, provisioned = false, ...options }: PollOptions = {},
    invoke: Invoke = this.invoke,
  ): Poller {
    const mapping: KafkaMapping = {
      uuid: `${this.config.link.name}-${topic}`,
      functionName: this.config.link.name,
      topic,
      consumerGroupId: this.groupOf(topic),
      bootstrapServers: this.source.cluster.bootstrapServers,
      login: loginOf(this.source),
      startingPosition: { kind: 'TRIM_HORIZON' },
      batchSize,
      maximumBatchingWindowMs: 0,
      ...(provisioned && { provisionedPollers: { minimum: 1, maximum: 1 } }),
    }
    const { isolation = 'read_committed', functionTimeoutMs = this.timeoutMs } = options
    this.#isolation.set(topic, isolation === 'read_committed' ? 'committed' : 'uncommitted')
    const poller = startPoller(mapping, invoke, {
      retry: RETRY_SOON,
      timing: TIMING,
      ...options,
      isolation,
      functionTimeoutMs,
    })
    this.#pollers.push(poller)
    return poller
  }

  async head(partition: PartitionId): Promise<Head | undefined> {
    return headIn(await this.state.read([partition], deadlinesInTime().state), partition)
  }

  gaps(partition: PartitionId): Promise<readonly Gap[]> {
    return this.state.gaps(partition, deadlinesInTime().state)
  }

  /** Waits until every record that the source holds now is behind the checkpoint, and the function rests. */
  async caughtUp(topic: string, { withinMs = CAUGHT_UP_WITHIN_MS } = {}): Promise<void> {
    const logs = await this.source.logs(topic)
    const isolation = this.#isolationOf(topic)
    const isDone = async (): Promise<boolean> =>
      (await isCaughtUp(this.state, logs, isolation)) && this.history.running === 0
    try {
      await eventually(`${topic} to be replicated`, isDone, { withinMs, everyMs: ASK_EVERY_MS })
    } catch (error) {
      throw new Error(`the function said: ${this.#lastWords()}`, { cause: error })
    }
  }

  /** Waits for an outcome with this code, and returns how the first one was put. */
  async error(code: string, { withinMs = CAUGHT_UP_WITHIN_MS, after = 0 } = {}): Promise<string> {
    const find = () => this.fn.outcomes.slice(after).find(({ error }) => error?.code === code)?.error?.message
    try {
      return await eventually(code, find, { withinMs })
    } catch (error) {
      throw new Error(`the function said: ${this.#lastWords()}`, { cause: error })
    }
  }

  /** The logs of both clusters, the ledger and the offset map for every offset, compared. */
  async judge(topic: string, options: JudgeOptions = {}): Promise<Verdict> {
    const { targetTopic = this.targetTopic(topic), sources = await this.source.logs(topic) } = options
    const { targets = await this.target.logs(targetTopic) } = options
    const verdicts = sources.map(async (source, at) => {
      const target = targets[at]
      if (target === undefined) throw new Error(`${targetTopic} has no partition ${at}`)
      return judgePartition({
        source,
        target,
        isolation: this.#isolationOf(topic),
        gaps: await this.gaps(source.partition),
        redelivered: this.history.redelivered(source.partition),
        translate: await positionsOf(this.state, source),
      })
    })
    return total(await Promise.all(verdicts))
  }

  async stopPolling(): Promise<void> {
    await Promise.all(this.#pollers.splice(0).map((poller) => poller.stop()))
  }

  async stop(): Promise<void> {
    await this.fn.kill()
    await this.stopPolling()
    await this.fn.stop()
  }

  #isolationOf(topic: string): 'committed' | 'uncommitted' {
    return this.#isolation.get(topic) ?? 'committed'
  }

  #lastWords(): string {
    return this.fn.outcomes.at(-1)?.error?.message ?? 'nothing'
  }
}
