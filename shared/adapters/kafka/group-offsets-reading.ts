import type { ReplicationError } from '../../domain/errors.ts'
import { groupAnswer } from '../../domain/groups/group-verdict.ts'
import type { GroupOffsets, OffsetAnswer } from '../../usecases/groups/group-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { type GroupErrand, type GroupPlace, groupError, type Taken } from './group-rounds.ts'
import type { KafkaRequest } from './requests/kafka-request.ts'
import { type FetchedGroup, type FetchedPartition, groupOffsetsRequest } from './requests/offset-fetch-request.ts'

/** Kafka's clients commit right before they end a transaction, so that most are over by then. */
const TRANSACTIONS_END_WITHIN_MS = 2_000
const SETTLED: Taken = { kind: 'settled' }
const STILL_OPEN: Taken = { kind: 'again', because: 'a transaction is open', elsewhere: false }

/** Reads all offsets of groups. */
export class GroupOffsetsReading implements GroupErrand<FetchedGroup> {
  readonly action = 'read'
  /** A group of 20 partitions takes half a kilobyte, and the greatest ones some hundred. */
  readonly groupsPerRequest = 50
  readonly inFlight = 4
  readonly answers = new Map<string, GroupOffsets | ReplicationError>()
  readonly #place: GroupPlace
  readonly #deadline: Deadline
  /** Until when an open transaction of a group is waited for. */
  readonly #waitsUntil = new Map<string, number>()

  constructor(place: GroupPlace, deadline: Deadline) {
    this.#place = place
    this.#deadline = deadline
  }

  get anyAnswer(): boolean {
    return this.answers.size > 0
  }

  request(groups: readonly string[]): KafkaRequest<readonly FetchedGroup[]> {
    return groupOffsetsRequest(groups)
  }

  async take({ group, partitions }: FetchedGroup): Promise<Taken> {
    const unstable = partitions.some(({ error }) => groupAnswer(error).verdict === 'unstable')
    if (unstable && this.#isWorthWaiting(group)) return STILL_OPEN
    this.answers.set(group, await this.#offsetsOf(group, partitions))
    return SETTLED
  }

  fail(group: string, error: ReplicationError): void {
    this.answers.set(group, error)
  }

  #isWorthWaiting(group: string): boolean {
    const now = Date.now()
    const until =
      this.#waitsUntil.get(group) ?? now + Math.min(TRANSACTIONS_END_WITHIN_MS, (this.#deadline.at - now) / 2)
    this.#waitsUntil.set(group, until)
    return now < until
  }

  async #offsetsOf(group: string, partitions: readonly FetchedPartition[]): Promise<GroupOffsets> {
    const offsets = new Map<string, Map<number, OffsetAnswer>>()
    for (const fetched of partitions) {
      const answer = await this.#answer(group, fetched)
      if (answer === undefined) continue
      const ofTopic = offsets.get(fetched.topic) ?? new Map<number, OffsetAnswer>()
      offsets.set(fetched.topic, ofTopic.set(fetched.partition, answer))
    }
    return offsets
  }

  /** `undefined`: never committed, or of a topic that is no more. */
  async #answer(
    group: string,
    { error, committed, ...partition }: FetchedPartition,
  ): Promise<OffsetAnswer | undefined> {
    const { verdict } = groupAnswer(error)
    if (verdict === 'unstable') return { kind: 'unstable' }
    if (verdict === 'unknown-topic') return undefined
    if (verdict === 'done') return committed && { kind: 'committed', ...committed }
    return { kind: 'failed', error: await groupError(this.#place, this.action, { group, number: error, partition }) }
  }
}
