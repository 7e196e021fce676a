import type { ReplicationError } from '../../domain/errors.ts'
import type { CommittedOffset } from '../../domain/groups/group-facts.ts'
import { groupAnswer } from '../../domain/groups/group-verdict.ts'
import type { PartitionId } from '../../domain/record.ts'
import type { CommitAnswer, NewOffsets } from '../../usecases/groups/group-ports.ts'
import { type GroupErrand, type GroupPlace, groupError, type Taken } from './group-rounds.ts'
import type { KafkaRequest } from './requests/kafka-request.ts'
import { type CommitReply, offsetCommitRequest } from './requests/offset-commit-request.ts'

/** What the coordinator said of all partitions of one group; errors of the group itself are at each of them. */
interface GroupReply {
  readonly group: string
  readonly error: 0
  readonly replies: readonly CommitReply[]
}

/** New topics are not known to all brokers at once. */
const LOOKS_FOR_WHAT_IS_MISSING = 4

/** Commits offsets for groups as nobody's member. The same commit may be sent twice: it says where, not how far. */
export class GroupOffsetsCommit implements GroupErrand<GroupReply> {
  readonly action = 'commit'
  /** Kafka's request is of one group. */
  readonly groupsPerRequest = 1
  readonly inFlight = 16
  readonly answers = new Map<string, Map<string, Map<number, CommitAnswer>>>()
  readonly #place: GroupPlace
  /** By group, topic and partition: what has no answer yet. */
  readonly #open: ReadonlyMap<string, Map<string, Map<number, CommittedOffset>>>
  readonly #looks = new Map<string, number>()

  constructor(place: GroupPlace, offsets: ReadonlyMap<string, NewOffsets>) {
    this.#place = place
    this.#open = new Map([...offsets].map(([group, topics]) => [group, copyOf(topics)]))
  }

  /** Those that shall have anything. */
  get groups(): readonly string[] {
    return [...this.#open].filter(([, topics]) => topics.size > 0).map(([group]) => group)
  }

  get anyAnswer(): boolean {
    return this.answers.size > 0
  }

  request(groups: readonly string[]): KafkaRequest<readonly GroupReply[]> {
    const [group = ''] = groups
    const request = offsetCommitRequest(group, this.#open.get(group) ?? new Map())
    return { ...request, read: (reader) => [{ group, error: 0, replies: request.read(reader) }] }
  }

  async take({ group, replies }: GroupReply): Promise<Taken> {
    const looks = (this.#looks.get(group) ?? 0) + 1
    this.#looks.set(group, looks)
    let waits: Taken = { kind: 'settled' }
    for (const { error, ...partition } of replies) {
      const answer = await this.#answer(group, error, partition, looks)
      if (answer !== undefined) this.#settle(group, partition, answer)
      else waits = { kind: 'again', because: groupAnswer(error).name, elsewhere: isElsewhere(error) }
    }
    const isOpen = (this.#open.get(group)?.size ?? 0) > 0
    return isOpen && waits.kind === 'settled' ? UNNAMED : waits
  }

  fail(group: string, error: ReplicationError): void {
    for (const [topic, partitions] of copyOf(this.#open.get(group) ?? new Map()))
      for (const partition of partitions.keys()) this.#settle(group, { topic, partition }, { kind: 'failed', error })
  }

  /** `undefined`: not now. */
  async #answer(
    group: string,
    number: number,
    partition: PartitionId,
    looks: number,
  ): Promise<CommitAnswer | undefined> {
    const { verdict } = groupAnswer(number)
    if (verdict === 'done') return { kind: 'committed' }
    if (verdict === 'live') return { kind: 'live' }
    if (verdict === 'again' || verdict === 'elsewhere' || verdict === 'unstable') return undefined
    if (verdict === 'unknown-topic' && looks <= LOOKS_FOR_WHAT_IS_MISSING) return undefined
    return { kind: 'failed', error: await groupError(this.#place, this.action, { group, number, partition }) }
  }

  #settle(group: string, { topic, partition }: PartitionId, answer: CommitAnswer): void {
    const open = this.#open.get(group)
    const ofTopic = open?.get(topic)
    if (!ofTopic?.delete(partition)) return
    if (ofTopic.size === 0) open?.delete(topic)
    const topics = this.answers.get(group) ?? new Map<string, Map<number, CommitAnswer>>()
    this.answers.set(group, topics.set(topic, (topics.get(topic) ?? new Map()).set(partition, answer)))
  }
}

const UNNAMED: Taken = { kind: 'again', because: 'the answer did not name all of its partitions', elsewhere: false }

const isElsewhere = (error: number): boolean => groupAnswer(error).verdict === 'elsewhere'

const copyOf = (topics: NewOffsets): Map<string, Map<number, CommittedOffset>> =>
  new Map([...topics].filter(([, { size }]) => size > 0).map(([topic, partitions]) => [topic, new Map(partitions)]))
