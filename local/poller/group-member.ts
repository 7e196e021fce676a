import {
  type Broker,
  type Connection,
  heartbeatV4,
  joinGroupV9,
  leaveGroupV5,
  offsetCommitV9,
  offsetFetchV9,
  syncGroupV5,
} from '@platformatic/kafka'
import { ReplicationError } from '../../shared/domain/errors.ts'
import { decodeAssignment, divideTopic, encodeSubscription } from './group-protocol.ts'
import { KAFKA_ERROR } from './kafka-answer.ts'
import type { KafkaMapping } from './mapping.ts'
import type { SourceCluster } from './source-cluster.ts'

export interface GroupTiming {
  readonly sessionTimeoutMs: number
  /** How long the group waits for a member to come back when it is divided anew. */
  readonly rebalanceTimeoutMs: number
}

export interface Membership {
  readonly memberId: string
  readonly generation: number
  readonly partitions: readonly number[]
  /** When this member leads: how many partitions it shared out. */
  readonly dividedPartitions: number | undefined
}

/** `rebalancing`: join again. `expelled`: the group went on without this member, and what it had may be another's. */
export type GroupAnswer = 'fine' | 'rebalancing' | 'expelled'

const PROTOCOL_TYPE = 'consumer'
const PROTOCOL = 'range'
const COORDINATOR_MOVED: readonly number[] = [
  KAFKA_ERROR.COORDINATOR_LOAD_IN_PROGRESS,
  KAFKA_ERROR.COORDINATOR_NOT_AVAILABLE,
  KAFKA_ERROR.NOT_COORDINATOR,
]

type Doing = 'joining' | 'taking part in' | 'staying in' | 'committing to' | 'reading the offsets of' | 'leaving'

type JoinAnswer = Awaited<ReturnType<typeof joinGroupV9.api.async>>

/** One member of the mapping's consumer group on the source, by Kafka's classic group protocol. */
export class GroupMember {
  readonly #cluster: SourceCluster
  readonly #mapping: KafkaMapping
  readonly #timing: GroupTiming
  #coordinator: Broker | undefined
  #memberId = ''
  #generation = -1

  constructor(cluster: SourceCluster, mapping: KafkaMapping, timing: GroupTiming) {
    this.#cluster = cluster
    this.#mapping = mapping
    this.#timing = timing
  }

  /** Joins, or joins again, and returns what this member has to read. */
  async join(): Promise<Membership> {
    const joined = await this.#enter()
    const leads = joined.leader === joined.memberId
    const partitionCount = leads ? (await this.#cluster.layout()).partitionCount : undefined
    const assignments =
      partitionCount === undefined ? [] : divideTopic(this.#mapping.topic, partitionCount, joined.members)
    const answer = await this.#ask('taking part in', (connection) =>
      syncGroupV5.api.async(
        connection,
        this.#mapping.consumerGroupId,
        joined.generationId,
        joined.memberId,
        null,
        PROTOCOL_TYPE,
        PROTOCOL,
        assignments,
      ),
    )
    if (answer.errorCode === KAFKA_ERROR.REBALANCE_IN_PROGRESS) return this.join()
    this.#expect('taking part in', answer.errorCode)
    this.#generation = joined.generationId
    const partitions = decodeAssignment(this.#mapping.topic, answer.assignment)
    return { memberId: this.#memberId, generation: this.#generation, partitions, dividedPartitions: partitionCount }
  }

  async heartbeat(): Promise<GroupAnswer> {
    const group = this.#mapping.consumerGroupId
    const answer = await this.#ask('staying in', (connection) =>
      heartbeatV4.api.async(connection, group, this.#generation, this.#memberId, null),
    )
    return this.#standing('staying in', answer.errorCode)
  }

  /** Commits the next offset to read of each partition, in this member's generation only. */
  async commit(offsets: ReadonlyMap<number, number>): Promise<GroupAnswer> {
    const partitions = [...offsets].map(([partitionIndex, offset]) => ({
      partitionIndex,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: -1,
      committedMetadata: '',
    }))
    const topics = [{ name: this.#mapping.topic, partitions }]
    const group = this.#mapping.consumerGroupId
    const answer = await this.#ask('committing to', (connection) =>
      offsetCommitV9.api.async(connection, group, this.#generation, this.#memberId, null, topics),
    )
    const codes = answer.topics.flatMap(({ partitions: committed }) => committed.map(({ errorCode }) => errorCode))
    return this.#standing('committing to', codes.find((code) => code !== KAFKA_ERROR.NONE) ?? KAFKA_ERROR.NONE)
  }

  /** A partition that the group never committed is absent. */
  async committed(partitions: readonly number[]): Promise<Map<number, number>> {
    const asked = { groupId: this.#mapping.consumerGroupId, memberId: null, memberEpoch: -1 }
    const topics = [{ name: this.#mapping.topic, partitionIndexes: [...partitions] }]
    const answer = await this.#ask('reading the offsets of', (connection) =>
      offsetFetchV9.api.async(connection, [{ ...asked, topics }], true),
    )
    const found = new Map<number, number>()
    this.#expect('reading the offsets of', answer.groups[0]?.errorCode ?? KAFKA_ERROR.NONE)
    for (const { partitionIndex, committedOffset, errorCode } of answer.groups.flatMap(({ topics: read }) =>
      read.flatMap(({ partitions: offsets }) => offsets),
    )) {
      this.#expect('reading the offsets of', errorCode)
      if (committedOffset >= 0n) found.set(partitionIndex, Number(committedOffset))
    }
    return found
  }

  /** Without it the group waits for the session to end before others get the partitions. */
  async leave(): Promise<void> {
    if (this.#memberId === '') return
    const member = { memberId: this.#memberId, groupInstanceId: null, reason: 'the poller stops' }
    this.#memberId = ''
    await this.#ask('leaving', (connection) =>
      leaveGroupV5.api.async(connection, this.#mapping.consumerGroupId, [member]),
    )
  }

  /** As if it never was a member: leaving does nothing then. */
  forgetMembership(): void {
    this.#memberId = ''
  }

  /** The coordinator names a new member first, and takes it in when it comes back with that name. */
  async #enter(): Promise<JoinAnswer> {
    const { sessionTimeoutMs, rebalanceTimeoutMs } = this.#timing
    const { consumerGroupId, topic } = this.#mapping
    const protocols = [{ name: PROTOCOL, metadata: encodeSubscription(topic) }]
    const join = () =>
      this.#ask('joining', (connection) =>
        joinGroupV9.api.async(
          connection,
          consumerGroupId,
          sessionTimeoutMs,
          rebalanceTimeoutMs,
          this.#memberId,
          null,
          PROTOCOL_TYPE,
          protocols,
          null,
        ),
      )
    let answer = await join()
    if (answer.errorCode === KAFKA_ERROR.UNKNOWN_MEMBER_ID) {
      this.#memberId = ''
      answer = await join()
    }
    if (answer.errorCode === KAFKA_ERROR.MEMBER_ID_REQUIRED) {
      this.#memberId = answer.memberId
      answer = await join()
    }
    this.#expect('joining', answer.errorCode)
    this.#memberId = answer.memberId
    return answer
  }

  #standing(doing: Doing, errorCode: number): GroupAnswer {
    switch (errorCode) {
      case KAFKA_ERROR.REBALANCE_IN_PROGRESS:
        return 'rebalancing'
      case KAFKA_ERROR.ILLEGAL_GENERATION:
      case KAFKA_ERROR.UNKNOWN_MEMBER_ID:
      case KAFKA_ERROR.FENCED_INSTANCE_ID:
        return 'expelled'
      default:
        this.#expect(doing, errorCode)
        return 'fine'
    }
  }

  #expect(doing: Doing, errorCode: number): void {
    if (errorCode === KAFKA_ERROR.NONE) return
    if (COORDINATOR_MOVED.includes(errorCode)) this.#coordinator = undefined
    if (errorCode === KAFKA_ERROR.UNKNOWN_MEMBER_ID) this.#memberId = ''
    throw new ReplicationError(
      'SOURCE_UNREACHABLE',
      `${doing} group ${this.#mapping.consumerGroupId}: Kafka error ${errorCode}`,
    )
  }

  async #ask<Answer>(doing: Doing, ask: (connection: Connection) => Promise<Answer>): Promise<Answer> {
    const joining = doing === 'joining' || doing === 'taking part in'
    try {
      this.#coordinator ??= await this.#cluster.coordinator()
      const to = { coordinator: this.#coordinator, joining }
      return await this.#cluster.askCoordinator(`${doing} group ${this.#mapping.consumerGroupId}`, to, ask)
    } catch (error) {
      this.#coordinator = undefined
      throw error
    }
  }
}
