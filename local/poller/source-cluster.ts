import {
  AuthenticationError,
  type Broker,
  type Connection,
  type ConnectionOptions,
  ConnectionPool,
  FindCoordinatorKeyTypes,
  findCoordinatorV4,
  listOffsetsV7,
  metadataV12,
} from '@platformatic/kafka'
import { ReplicationError } from '../../shared/domain/errors.ts'
import { type FetchAnswer, fetchApi } from './fetch-request.ts'
import { answerOf, answerWithin, KAFKA_ERROR } from './kafka-answer.ts'
import { POLLER_LIMITS } from './limits.ts'
import type { KafkaMapping, SourceLogin } from './mapping.ts'

export type Isolation = 'read_uncommitted' | 'read_committed'

export interface TopicLayout {
  readonly partitionCount: number
  /** A partition without a leader is absent. */
  readonly leaders: ReadonlyMap<number, Broker>
}

/** Where a partition is asked to be read from. */
export interface FetchPosition {
  readonly partition: number
  readonly offset: number
}

const FETCH_WAIT_MS = 500
const REQUEST_TIMEOUT_MS = 15_000
/** A member waits in JoinGroup until all the others came, so that request may take long. */
const JOIN_TIMEOUT_MS = 120_000
const CONNECT_TIMEOUT_MS = 5_000
/** The client never answers whoever asks for a connection in the moment in which that fails. */
const ANSWERS_WITHIN_MS = REQUEST_TIMEOUT_MS + CONNECT_TIMEOUT_MS
const ISOLATION_LEVEL = { read_uncommitted: 0, read_committed: 1 } as const

const loginOptions = (login: SourceLogin): ConnectionOptions => {
  if (login.kind === 'none') return {}
  const trust = login.ca === undefined ? {} : { ca: login.ca }
  switch (login.kind) {
    case 'tls':
      return { tls: { ...trust, ...(login.certificate && { cert: login.certificate, key: login.key }) } }
    case 'plain':
      return { tls: trust, sasl: { mechanism: 'PLAIN', username: login.username, password: login.password } }
    case 'scram':
      return { tls: trust, sasl: { mechanism: login.mechanism, username: login.username, password: login.password } }
  }
}

const parseBroker = (server: string): Broker => {
  const colon = server.lastIndexOf(':')
  return { host: server.slice(0, colon), port: Number(server.slice(colon + 1)) }
}

/** The client wraps what the broker said into errors of connections and of lists of brokers. */
const isRefusal = (error: unknown): boolean =>
  error instanceof AuthenticationError ||
  (error instanceof AggregateError && error.errors.some(isRefusal)) ||
  (error instanceof Error && error.cause !== undefined && isRefusal(error.cause))

const clientId = (mapping: KafkaMapping): string => `lambda-poller-${mapping.uuid}`

/**
 * The requests of one poller to the source, made from the client's codecs one by one: its consumer would join, rejoin
 * and commit on its own account, and fails altogether when one partition has no leader.
 */
export class SourceCluster {
  readonly #mapping: KafkaMapping
  readonly #isolation: Isolation
  readonly #bootstrap: Broker[]
  readonly #control: ConnectionPool
  readonly #data: ConnectionPool
  readonly #group: ConnectionPool
  /** A member that waits in JoinGroup must still be able to leave. */
  readonly #joining: ConnectionPool

  constructor(mapping: KafkaMapping, isolation: Isolation) {
    this.#mapping = mapping
    this.#isolation = isolation
    this.#bootstrap = mapping.bootstrapServers.map(parseBroker)
    const options = { ...loginOptions(mapping.login), connectTimeout: CONNECT_TIMEOUT_MS }
    const pool = (requestTimeout: number): ConnectionPool =>
      new ConnectionPool(clientId(mapping), { ...options, requestTimeout })
    this.#control = pool(REQUEST_TIMEOUT_MS)
    this.#data = pool(REQUEST_TIMEOUT_MS)
    this.#group = pool(REQUEST_TIMEOUT_MS)
    this.#joining = pool(JOIN_TIMEOUT_MS)
  }

  async layout(): Promise<TopicLayout> {
    const { topic } = this.#mapping
    return this.#reach(`describing topic ${topic}`, async () => {
      const connection = await this.#control.getFirstAvailable(this.#bootstrap)
      const answer = await answerOf(metadataV12.api.async(connection, [topic], false, false))
      const described = answer.topics.find(({ name }) => name === topic)
      if (described === undefined || described.partitions.length === 0) {
        throw new ReplicationError(
          'SOURCE_TOPIC_UNKNOWN',
          `describing topic ${topic}: Kafka error ${described?.errorCode}`,
        )
      }
      const brokers = new Map(answer.brokers.map((broker) => [broker.nodeId, broker]))
      const leaders = new Map<number, Broker>()
      for (const { partitionIndex, leaderId } of described.partitions) {
        const leader = brokers.get(leaderId)
        if (leader !== undefined) leaders.set(partitionIndex, { host: leader.host, port: leader.port })
      }
      return { partitionCount: described.partitions.length, leaders }
    })
  }

  /**
   * The offset at a time: -2 is the log's start, -1 its end (the last stable offset for who reads committed), as in Kafka.
   * Undefined: nothing is that young, or its leader does not say.
   */
  async offsetAt(leader: Broker, partition: number, timestamp: bigint): Promise<number | undefined> {
    const { topic } = this.#mapping
    return this.#reach(`asking for offsets of ${topic}-${partition}`, async () => {
      const connection = await this.#control.get(leader)
      const asked = [{ partitionIndex: partition, currentLeaderEpoch: -1, timestamp }]
      const isolation = ISOLATION_LEVEL[this.#isolation]
      const answer = await answerOf(
        listOffsetsV7.api.async(connection, -1, isolation, [{ name: topic, partitions: asked }]),
      )
      const found = answer.topics[0]?.partitions[0]
      if (found === undefined || found.errorCode !== KAFKA_ERROR.NONE) {
        throw new ReplicationError(
          'SOURCE_UNREACHABLE',
          `asking for offsets of ${topic}-${partition}: Kafka error ${found?.errorCode}`,
        )
      }
      return found.offset < 0n ? undefined : Number(found.offset)
    })
  }

  /** Waits for records up to half a second. */
  async fetch(leader: Broker, positions: readonly FetchPosition[]): Promise<FetchAnswer> {
    const partitions = positions.map(({ partition, offset }) => ({
      partition,
      currentLeaderEpoch: -1,
      fetchOffset: BigInt(offset),
      lastFetchedEpoch: -1,
      partitionMaxBytes: POLLER_LIMITS.partitionFetchBytes.value,
    }))
    const topics = [{ topicId: this.#mapping.topic, partitions }]
    const { fetchBytes } = POLLER_LIMITS
    const isolation = ISOLATION_LEVEL[this.#isolation]
    return this.#reach(`fetching ${this.#mapping.topic} from ${leader.host}:${leader.port}`, async () =>
      fetchApi.async(
        await this.#data.get(leader),
        FETCH_WAIT_MS,
        1,
        fetchBytes.value,
        isolation,
        0,
        -1,
        topics,
        [],
        '',
      ),
    )
  }

  async coordinator(): Promise<Broker> {
    const group = this.#mapping.consumerGroupId
    return this.#reach(`finding the coordinator of group ${group}`, async () => {
      const connection = await this.#control.getFirstAvailable(this.#bootstrap)
      const answer = await answerOf(findCoordinatorV4.api.async(connection, FindCoordinatorKeyTypes.GROUP, [group]))
      const found = answer.coordinators[0]
      if (found === undefined || found.errorCode !== KAFKA_ERROR.NONE) {
        throw new ReplicationError(
          'SOURCE_UNREACHABLE',
          `finding the coordinator of group ${group}: Kafka error ${found?.errorCode}`,
        )
      }
      return { host: found.host, port: found.port }
    })
  }

  /** One request to the group's coordinator; `joining` may take as long as the others take to come. */
  async askCoordinator<Answer>(
    doing: string,
    { coordinator, joining }: { readonly coordinator: Broker; readonly joining: boolean },
    ask: (connection: Connection) => Promise<Answer>,
  ): Promise<Answer> {
    const pool = joining ? this.#joining : this.#group
    const withinMs = joining ? JOIN_TIMEOUT_MS + CONNECT_TIMEOUT_MS : ANSWERS_WITHIN_MS
    return this.#reach(doing, async () => answerOf(ask(await pool.get(coordinator))), withinMs)
  }

  async close(): Promise<void> {
    await Promise.all([this.#control, this.#data, this.#group, this.#joining].map((pool) => pool.close()))
  }

  async #reach<Answer>(doing: string, attempt: () => Promise<Answer>, withinMs = ANSWERS_WITHIN_MS): Promise<Answer> {
    try {
      return await answerWithin(attempt(), withinMs)
    } catch (cause) {
      if (cause instanceof ReplicationError) throw cause
      throw new ReplicationError(isRefusal(cause) ? 'LOGIN_REFUSED' : 'SOURCE_UNREACHABLE', doing, { cause })
    }
  }
}
