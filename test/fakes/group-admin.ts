import { type ErrorCode, ReplicationError } from '../../shared/domain/errors.ts'
import type { CommittedOffset, GroupKind, GroupLife, ListedGroup } from '../../shared/domain/groups/group-facts.ts'
import { doingToGroup, type GroupAction } from '../../shared/domain/groups/group-right.ts'
import type {
  CommitAnswer,
  CommitAnswers,
  GroupAdmin,
  GroupList,
  GroupOffsets,
  NewOffsets,
  OffsetAnswer,
} from '../../shared/usecases/groups/group-ports.ts'
import type { Deadline } from '../../shared/usecases/ports.ts'

interface FakeGroup {
  kind: GroupKind
  life: GroupLife
  readonly offsets: Map<string, Map<number, CommittedOffset>>
}

interface PutGroup {
  readonly kind?: GroupKind
  readonly life?: GroupLife
  /** By topic and partition. */
  readonly offsets?: Readonly<Record<string, Readonly<Record<number, bigint | CommittedOffset>>>>
}

const READ_PER_REQUEST = 50

/** The groups of a cluster in memory; the same contract suite runs on it and on real brokers. */
export class FakeGroupAdmin implements GroupAdmin {
  readonly side: 'source' | 'target'
  reachable = true
  /** Whether it tells kinds, as brokers since 3.8 do. */
  tellsKinds = true
  readonly groups = new Map<string, FakeGroup>()
  /** Topics that the cluster does not have; it has all others, with any partition. */
  readonly missing = new Set<string>()
  /** Groups that the login may not describe: absent from lists, `GROUP_DENIED` when they are named. */
  readonly hidden = new Set<string>()
  /** Brokers that did not answer when the groups were listed. */
  readonly troubles: ReplicationError[] = []
  /** How many requests a real cluster with one broker would have got, without those that look for coordinators. */
  readonly requests = { list: 0, read: 0, commit: 0 }
  /** What was really committed here, in order, as in `billing orders-0 7`. */
  readonly changes: string[] = []
  /** Runs between the check of whoever commits and the commit: time for somebody to join. */
  beforeCommit: (groups: readonly string[]) => void = () => undefined
  /** Open transactions: where they would move a group, and what stood there when they began. */
  readonly #open = new Map<string, CommittedOffset | undefined>()
  readonly #refusals = new Map<string, ReplicationError>()

  constructor(side: 'source' | 'target' = 'target') {
    this.side = side
  }

  /** Makes a group, or makes it anew, without asking anybody. */
  put(group: string, { kind = 'classic', life = 'empty', offsets = {} }: PutGroup = {}): void {
    this.groups.set(group, { kind, life, offsets: new Map() })
    for (const [topic, ofTopic] of Object.entries(offsets))
      for (const [partition, offset] of Object.entries(ofTopic)) this.set(group, topic, Number(partition), offset)
  }

  /** As the group's own members commit. */
  set(group: string, topic: string, partition: number, offset: bigint | CommittedOffset): void {
    const { offsets } = this.#made(group)
    const ofTopic = offsets.get(topic) ?? new Map<number, CommittedOffset>()
    ofTopic.set(partition, typeof offset === 'bigint' ? { offset, metadata: '' } : offset)
    offsets.set(topic, ofTopic)
  }

  /** Where the group stands; `undefined`: it never committed there. */
  position(group: string, topic: string, partition: number): bigint | undefined {
    return this.groups.get(group)?.offsets.get(topic)?.get(partition)?.offset
  }

  join(group: string, kind: GroupKind = 'classic'): void {
    const made = this.#made(group)
    made.life = 'live'
    made.kind = kind
  }

  leave(group: string): void {
    this.#made(group).life = 'empty'
  }

  /** From now to `endTransaction` a transaction is open that would move the group there. */
  beginTransaction(group: string, topic: string, partition: number): void {
    const { offsets } = this.#made(group)
    this.#open.set(placeOf(group, topic, partition), offsets.get(topic)?.get(partition))
  }

  /** Without an offset it is aborted. What was committed there since it began stays, as on real brokers. */
  endTransaction(group: string, topic: string, partition: number, offset?: bigint): void {
    const place = placeOf(group, topic, partition)
    const untouched = this.#open.get(place) === this.groups.get(group)?.offsets.get(topic)?.get(partition)
    this.#open.delete(place)
    if (offset !== undefined && untouched) this.set(group, topic, partition, offset)
  }

  /** Until `accept`, this is what becomes of the group when somebody tries. */
  refuse(action: GroupAction, group: string, code: ErrorCode, because = 'injected'): void {
    this.#refusals.set(`${action} ${group}`, this.#error(code, action, group, because))
  }

  accept(action: GroupAction, group: string): void {
    this.#refusals.delete(`${action} ${group}`)
  }

  async list(deadline: Deadline): Promise<GroupList> {
    this.#reach('list', 1, deadline)
    const visible = [...this.groups].filter(([group]) => !this.hidden.has(group))
    const groups = visible.map(([group, { life, kind }]): [string, ListedGroup] => [
      group,
      { group, life, ...(this.tellsKinds ? { kind } : {}) },
    ])
    return { groups: new Map(groups), troubles: [...this.troubles] }
  }

  async committed(
    groups: readonly string[],
    deadline: Deadline,
  ): Promise<ReadonlyMap<string, GroupOffsets | ReplicationError>> {
    const asked = new Set(groups)
    this.#reach('read', Math.ceil(asked.size / READ_PER_REQUEST), deadline)
    return new Map([...asked].map((group) => [group, this.#refusal('read', group) ?? this.#offsetsOf(group)]))
  }

  async commit(
    offsets: ReadonlyMap<string, NewOffsets>,
    deadline: Deadline,
  ): Promise<ReadonlyMap<string, CommitAnswers>> {
    this.#reach('commit', offsets.size, deadline)
    this.beforeCommit([...offsets.keys()])
    return new Map(
      [...offsets].map(([group, wanted]) => [
        group,
        eachPlace(wanted, (topic, partition, offset) => this.#commit(group, topic, partition, offset)),
      ]),
    )
  }

  #offsetsOf(group: string): GroupOffsets {
    const offsets: NewOffsets = this.groups.get(group)?.offsets ?? new Map()
    return eachPlace(offsets, (topic, partition, offset): OffsetAnswer => {
      const unstable = this.#open.has(placeOf(group, topic, partition))
      return unstable ? { kind: 'unstable' } : { kind: 'committed', ...offset }
    })
  }

  #commit(group: string, topic: string, partition: number, offset: CommittedOffset): CommitAnswer {
    const refusal = this.#refusal('commit', group)
    if (refusal !== undefined) return { kind: 'failed', error: refusal }
    const { life, kind } = this.groups.get(group) ?? { life: 'empty', kind: 'classic' }
    if (kind === 'share') return this.#failed('GROUP_REFUSED', group, 'GROUP_ID_NOT_FOUND')
    if (life === 'live') return { kind: 'live' }
    if (this.missing.has(topic))
      return this.#failed(this.#unknownTopic, group, `UNKNOWN_TOPIC_OR_PARTITION, ${topic}-${partition}`)
    this.set(group, topic, partition, offset)
    this.changes.push(`${placeOf(group, topic, partition)} ${offset.offset}`)
    return { kind: 'committed' }
  }

  #refusal(action: GroupAction, group: string): ReplicationError | undefined {
    if (this.hidden.has(group)) return this.#error('GROUP_DENIED', action, group, 'no right')
    return this.#refusals.get(`${action} ${group}`)
  }

  #made(group: string): FakeGroup {
    const made = this.groups.get(group) ?? { kind: 'classic', life: 'empty', offsets: new Map() }
    this.groups.set(group, made)
    return made
  }

  #reach(action: keyof typeof this.requests, requests: number, { signal, at }: Deadline): void {
    if (requests > 0 && (!this.reachable || signal.aborted || Date.now() >= at))
      throw new ReplicationError(this.#unreachable, `asking the groups of the fake ${this.side}: nobody answers`)
    this.requests[action] += requests
  }

  get #unreachable() {
    return this.side === 'source' ? 'SOURCE_UNREACHABLE' : 'TARGET_UNREACHABLE'
  }

  get #unknownTopic() {
    return this.side === 'source' ? 'SOURCE_TOPIC_UNKNOWN' : 'TARGET_TOPIC_UNKNOWN'
  }

  #failed(code: ErrorCode, group: string, because: string): CommitAnswer {
    return { kind: 'failed', error: this.#error(code, 'commit', group, because) }
  }

  #error(code: ErrorCode, action: GroupAction, group: string, because: string): ReplicationError {
    return new ReplicationError(code, `${doingToGroup(action, group)} on the fake ${this.side}: ${because}`)
  }
}

const placeOf = (group: string, topic: string, partition: number): string => `${group} ${topic}-${partition}`

const eachPlace = <From, To>(
  topics: ReadonlyMap<string, ReadonlyMap<number, From>>,
  make: (topic: string, partition: number, from: From) => To,
): ReadonlyMap<string, ReadonlyMap<number, To>> =>
  new Map(
    [...topics].map(([topic, partitions]) => [
      topic,
      new Map([...partitions].map(([partition, from]) => [partition, make(topic, partition, from)])),
    ]),
  )
