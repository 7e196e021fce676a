import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Admin, type CompressionAlgorithmValue, type MessageToProduce, Producer } from '@platformatic/kafka'
import { Kafka, type Admin as KafkajsAdmin, logLevel } from 'kafkajs'
import { type ClusterOptions, type LocalCluster, startCluster } from '../../local/kafka/cluster.ts'
import { eventually } from '../../local/machine/eventually.ts'
import type { Happening } from '../../local/poller/happening.ts'
import type { Invoke, InvokeOptions } from '../../local/poller/invocations.ts'
import type { KafkaMapping, SourceLogin } from '../../local/poller/mapping.ts'
import { type Poller, type PollerOptions, startPoller } from '../../local/poller/poller.ts'
import type { InvokeResult } from '../../local/poller/verdict.ts'
import { kafkaMapping } from './kafka-mapping.ts'

const WITHIN_MS = 60_000
const SUCCEEDED: InvokeResult = { kind: 'succeeded', response: Buffer.alloc(0) }

export interface EventRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly timestampType: string
  readonly key?: string
  readonly value?: string
  readonly headers: readonly Record<string, number[] | null>[]
}

export interface DeliveredEvent {
  readonly eventSource: string
  readonly records: Record<string, EventRecord[]>
  readonly bytes: number
  readonly options: InvokeOptions
}

export interface ProducedRecord {
  readonly partition?: number
  readonly key?: Buffer | null
  readonly value: Buffer | null
  readonly headers?: readonly (readonly [string, Buffer | null])[]
  readonly timestamp?: bigint
}

export const recordsIn = (event: DeliveredEvent): EventRecord[] => Object.values(event.records).flat()

export const textOf = ({ value }: EventRecord): string =>
  value === undefined ? '(null)' : Buffer.from(value, 'base64').toString()

const messageOf = (topic: string, record: ProducedRecord): object => {
  const { partition = 0, key = null, value, headers = [], timestamp = BigInt(Date.now()) } = record
  const entries = headers.map(([name, bytes]) => [Buffer.from(name), bytes] as const)
  return { topic, partition, key, value, timestamp, headers: new Map(entries) }
}

/** The client's encoder corrupts timestamps that lie 2^31 ms or more from the first of their batch. */
const inBatches = (records: readonly ProducedRecord[]): ProducedRecord[][] => {
  const batches: ProducedRecord[][] = []
  for (const record of records) {
    const first = batches.at(-1)?.[0]
    const distance = (record.timestamp ?? 0n) - (first?.timestamp ?? 0n)
    if (first === undefined || distance < -(2n ** 31n) || distance >= 2n ** 31n) batches.push([record])
    else batches.at(-1)?.push(record)
  }
  return batches
}

/** A poller under test: what it delivered, what the function answers, and what happened. */
export class Observed {
  readonly events: DeliveredEvent[] = []
  readonly happenings: Happening[] = []
  answer: (event: DeliveredEvent) => InvokeResult | Promise<InvokeResult> = () => SUCCEEDED
  readonly poller: Poller

  constructor(mapping: KafkaMapping, options: PollerOptions) {
    const observe = (happening: Happening): void => void this.happenings.push(happening)
    this.poller = startPoller(mapping, this.#invoke, { ...options, observe })
  }

  /** Of all deliveries, repeated ones too, in the order in which they came. */
  records(): EventRecord[] {
    return this.events.flatMap(recordsIn)
  }

  values(partition?: number): string[] {
    const records = this.records()
    return records.filter((record) => partition === undefined || record.partition === partition).map(textOf)
  }

  async untilRecords(count: number): Promise<void> {
    await eventually(`${count} records`, () => this.records().length >= count, { withinMs: WITHIN_MS })
  }

  async untilCommitted(partition: number, offset: number): Promise<void> {
    const reached = () => (this.poller.stats().committed.get(partition) ?? -1) >= offset
    await eventually(`offset ${offset} of partition ${partition} to be committed`, reached, { withinMs: WITHIN_MS })
  }

  async untilAssigned(count: number): Promise<void> {
    const assigned = () => this.poller.stats().assigned.length === count
    await eventually(`${count} partitions to be assigned`, assigned, { withinMs: WITHIN_MS })
  }

  /** The most deliveries of one partition that ever ran at once. */
  mostInFlight(): number {
    return Math.max(...[...this.poller.stats().inFlight.values()].map(({ most }) => most))
  }

  readonly #invoke: Invoke = async (payload, options) => {
    const event: DeliveredEvent = { ...JSON.parse(payload.toString()), bytes: payload.length, options }
    this.events.push(event)
    return this.answer(event)
  }
}

/** A source cluster, and the pollers that read it; both end with `stop`. */
export class PollerWorld {
  readonly cluster: LocalCluster
  readonly kafka: Kafka
  readonly admin: KafkajsAdmin
  readonly #folder: string
  readonly #pollers: Observed[] = []
  #topics = 0

  private constructor(cluster: LocalCluster, folder: string) {
    this.cluster = cluster
    this.#folder = folder
    this.kafka = new Kafka({
      brokers: [...cluster.bootstrapServers],
      logLevel: logLevel.NOTHING,
      ...this.#kafkajsLogin(),
    })
    this.admin = this.kafka.admin()
  }

  static async start(options: Partial<ClusterOptions> = {}): Promise<PollerWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'poller-'))
    const cluster = await startCluster({ name: 'source', folder, ...options })
    const world = new PollerWorld(cluster, folder)
    await world.admin.connect()
    return world
  }

  async stop(): Promise<void> {
    await this.endPollers()
    await this.admin.disconnect()
    await this.cluster.stop()
    await rm(this.#folder, { recursive: true })
  }

  /** So that a failed test leaves no poller behind. */
  async endPollers(): Promise<void> {
    await Promise.all(this.#pollers.splice(0).map(({ poller }) => poller.crash()))
  }

  async createTopic(partitions = 1, config: Record<string, string> = {}, replicas = 1): Promise<string> {
    const topic = `topic-${this.#topics++}`
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
    await this.admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions: partitions, replicationFactor: replicas, configEntries }],
    })
    return topic
  }

  startPoller(topic: string, given: Partial<KafkaMapping> = {}, options: PollerOptions = {}): Observed {
    const mapping = kafkaMapping({
      topic,
      consumerGroupId: `group-${topic}`,
      bootstrapServers: this.cluster.bootstrapServers,
      login: this.sourceLogin(),
      maximumBatchingWindowMs: 0,
      ...given,
    })
    const timing = { sessionTimeoutMs: 6_000, metadataMaxAgeMs: 1_000, heartbeatMs: 200, ...options.timing }
    const observed = new Observed(mapping, { retry: { firstMs: 20, factor: 2, longestMs: 200 }, ...options, timing })
    this.#pollers.push(observed)
    return observed
  }

  sourceLogin(): SourceLogin {
    const { login } = this.cluster
    if (login.kind === 'none') return login
    const { username, password, ca } = login
    return { kind: 'scram', mechanism: 'SCRAM-SHA-512', username, password, ca }
  }

  /** Every byte as given, which kafkajs cannot do with these headers and null values. */
  async produce(
    topic: string,
    records: readonly ProducedRecord[],
    compression: CompressionAlgorithmValue = 'none',
  ): Promise<void> {
    const [host = '', port = ''] = this.cluster.bootstrapServers[0]?.split(':') ?? []
    const producer = new Producer({ clientId: 'test', bootstrapBrokers: [{ host, port: Number(port) }] })
    for (const batch of inBatches(records)) {
      // The client's types know no null, its encoder writes it.
      const messages = batch.map((record) => messageOf(topic, record)) as unknown as MessageToProduce[]
      await producer.send({ messages, compression, acks: -1 })
    }
    await producer.close()
  }

  /** Values `0` to `count - 1`, or from `from` on, into one partition. */
  async produceNumbers(topic: string, count: number, { partition = 0, from = 0 } = {}): Promise<void> {
    const numbers = Array.from({ length: count }, (_, index) => from + index)
    await this.produce(
      topic,
      numbers.map((number) => ({ partition, value: Buffer.from(String(number)) })),
    )
  }

  /** The broker forgets the members of the group, as when their sessions end. */
  async expel(groupId: string): Promise<void> {
    const { groups } = await this.admin.describeGroups([groupId])
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...this.cluster.bootstrapServers] })
    const members = groups.flatMap((group) => group.members.map(({ memberId }) => ({ memberId })))
    await admin.removeMembersFromConsumerGroup({ groupId, members })
    await admin.close()
  }

  /** What the group has committed on the broker, not what the poller says; absent partitions have no offset. */
  async committed(topic: string, groupId = `group-${topic}`): Promise<Map<number, number>> {
    const [found] = await this.admin.fetchOffsets({ groupId, topics: [topic] })
    const offsets = found?.partitions.map(({ partition, offset }) => [partition, Number(offset)] as const) ?? []
    return new Map(offsets.filter(([, offset]) => offset >= 0))
  }

  #kafkajsLogin(): object {
    const { login } = this.cluster
    if (login.kind === 'none') return {}
    const { username, password, ca } = login
    return { ssl: { ca: [ca] }, sasl: { mechanism: 'scram-sha-512', username, password } }
  }
}

export const numbersFrom = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => String(from + index))
