import { randomBytes } from 'node:crypto'
import { type ErrorCode, ReplicationError } from '../../shared/domain/errors.ts'
import type {
  ClusterTopics,
  NewTopic,
  SettingChange,
  TopicFacts,
  TopicSetting,
  TopicSettings,
} from '../../shared/domain/topics/topic-facts.ts'
import { doingTo, type TopicAction } from '../../shared/domain/topics/topic-right.ts'
import type { Deadline } from '../../shared/usecases/ports.ts'
import type { PerTopic, TopicAdmin } from '../../shared/usecases/topics/topic-ports.ts'

interface FakeTopic {
  incarnation: string
  partitions: number
  replicationFactor: number
  /** Those of the topic itself. */
  readonly settings: Map<string, string>
}

const TOPICS_PER_REQUEST = 200
const INTERNAL: readonly string[] = ['__consumer_offsets', '__transaction_state']

/** A cluster of topics in memory; the same contract suite runs on it and on real brokers. */
export class FakeTopicAdmin implements TopicAdmin {
  readonly side: 'source' | 'target'
  clusterId = randomBytes(16).toString('base64url')
  brokers = 3
  reachable = true
  readonly topics = new Map<string, FakeTopic>()
  /** What the cluster says of topics that say nothing themselves; no other setting is known. */
  readonly inherited = new Map([
    ['cleanup.policy', 'delete'],
    ['max.message.bytes', '1048588'],
    ['message.timestamp.type', 'CreateTime'],
    ['min.insync.replicas', '1'],
    ['retention.ms', '604800000'],
    ['segment.bytes', '1073741824'],
  ])
  readonly sensitive = new Set<string>()
  readonly readOnly = new Set<string>()
  /** Topics that the login may not describe. */
  readonly hidden = new Set<string>()
  /** Topics that are there and cannot be described now. */
  readonly broken = new Set<string>()
  /** How many requests a real cluster would have got. */
  readonly requests: Record<TopicAction, number> = { describe: 0, settings: 0, create: 0, grow: 0, alter: 0, remove: 0 }
  /** What was really changed, in order, as in `create orders`. */
  readonly changes: string[] = []
  readonly #refusals = new Map<string, ReplicationError>()

  constructor(side: 'source' | 'target' = 'target') {
    this.side = side
  }

  /** Until `accept`, this is what becomes of the topic when somebody tries. */
  refuse(action: TopicAction, topic: string, code: ErrorCode, because = 'injected'): void {
    this.#refusals.set(`${action} ${topic}`, this.#error(code, action, topic, because))
  }

  accept(action: TopicAction, topic: string): void {
    this.#refusals.delete(`${action} ${topic}`)
  }

  /** Makes a topic, or makes it anew, without asking anybody. */
  put(topic: string, { partitions = 1, replicationFactor = 1, settings = {} }: PutTopic = {}): void {
    const incarnation = randomBytes(16).toString('base64url')
    this.topics.set(topic, { incarnation, partitions, replicationFactor, settings: new Map(Object.entries(settings)) })
  }

  async describe(deadline: Deadline, named: readonly string[] = []): Promise<ClusterTopics> {
    this.#reach('describe', 1, deadline)
    const undescribed = new Map<string, ReplicationError>()
    for (const topic of this.broken)
      undescribed.set(topic, this.#error(this.#unreachable, 'describe', topic, 'LEADER_NOT_AVAILABLE'))
    for (const topic of named)
      if (this.hidden.has(topic)) undescribed.set(topic, this.#error('TOPIC_DENIED', 'describe', topic, 'no right'))
    const visible = [...this.topics].filter(([topic]) => !this.hidden.has(topic) && !this.broken.has(topic))
    const topics = new Map(visible.map(([topic, made]) => [topic, factsOf(topic, made)]))
    return { clusterId: this.clusterId, brokers: this.brokers, topics, undescribed }
  }

  async settings(topics: readonly string[], deadline: Deadline): Promise<PerTopic<TopicSettings>> {
    return this.#each('settings', named(topics), deadline, (topic) => this.#settingsOf(this.#known('settings', topic)))
  }

  async create(topics: readonly NewTopic[], deadline: Deadline): Promise<PerTopic<'created'>> {
    const items = new Map(topics.map((topic) => [topic.topic, topic]))
    return this.#each('create', items, deadline, (topic, { partitions, replicationFactor, settings }) => {
      if (this.topics.has(topic)) throw this.#error('TOPIC_EXISTS', 'create', topic, 'it is there')
      if (replicationFactor > this.brokers)
        throw this.#error('TOPIC_REFUSED', 'create', topic, 'INVALID_REPLICATION_FACTOR')
      this.#checkNames('create', topic, [...settings.keys()])
      this.put(topic, { partitions, replicationFactor, settings: Object.fromEntries(settings) })
      return 'created'
    })
  }

  async grow(counts: ReadonlyMap<string, number>, deadline: Deadline): Promise<PerTopic<'grown'>> {
    return this.#each('grow', counts, deadline, (topic, count) => {
      const known = this.#known('grow', topic)
      if (count < known.partitions) throw this.#error('TOPIC_REFUSED', 'grow', topic, 'INVALID_PARTITIONS')
      known.partitions = count
      return 'grown'
    })
  }

  async alter(
    changes: ReadonlyMap<string, readonly SettingChange[]>,
    deadline: Deadline,
  ): Promise<PerTopic<'altered'>> {
    return this.#each('alter', changes, deadline, (topic, ofTopic) => {
      const { settings } = this.#known('alter', topic)
      this.#checkNames(
        'alter',
        topic,
        ofTopic.map(({ name }) => name),
      )
      for (const { name, value } of ofTopic)
        if (value === undefined) settings.delete(name)
        else settings.set(name, value)
      return 'altered'
    })
  }

  async remove(topics: readonly string[], deadline: Deadline): Promise<PerTopic<'removed'>> {
    return this.#each('remove', named(topics), deadline, (topic) => {
      this.#known('remove', topic)
      this.topics.delete(topic)
      return 'removed'
    })
  }

  /** What `act` throws as a `ReplicationError` concerns its topic alone. */
  #each<Item, Done>(
    action: TopicAction,
    items: ReadonlyMap<string, Item>,
    deadline: Deadline,
    act: (topic: string, item: Item) => Done,
  ): PerTopic<Done> {
    this.#reach(action, Math.ceil(items.size / TOPICS_PER_REQUEST), deadline)
    const answers = new Map<string, Done | ReplicationError>()
    for (const [topic, item] of items)
      answers.set(
        topic,
        this.#try(action, topic, () => act(topic, item)),
      )
    return answers
  }

  #try<Done>(action: TopicAction, topic: string, act: () => Done): Done | ReplicationError {
    const refusal = this.#refusals.get(`${action} ${topic}`)
    if (refusal !== undefined) return refusal
    try {
      const done = act()
      if (action !== 'settings') this.changes.push(`${action} ${topic}`)
      return done
    } catch (error) {
      if (error instanceof ReplicationError) return error
      throw error
    }
  }

  #reach(action: TopicAction, requests: number, { signal, at }: Deadline): void {
    if (requests > 0 && (!this.reachable || signal.aborted || Date.now() >= at))
      throw this.#error(this.#unreachable, action, 'topics', 'nobody answers')
    this.requests[action] += requests
  }

  get #unreachable() {
    return this.side === 'source' ? 'SOURCE_UNREACHABLE' : 'TARGET_UNREACHABLE'
  }

  #known(action: TopicAction, topic: string): FakeTopic {
    const known = this.topics.get(topic)
    if (known !== undefined) return known
    const code = this.side === 'source' ? 'SOURCE_TOPIC_UNKNOWN' : 'TARGET_TOPIC_UNKNOWN'
    throw this.#error(code, action, topic, 'there is no such topic')
  }

  #checkNames(action: TopicAction, topic: string, names: readonly string[]): void {
    const strange = names.find((name) => !this.inherited.has(name))
    if (strange !== undefined) throw this.#error('TOPIC_REFUSED', action, topic, `INVALID_CONFIG, ${strange}`)
  }

  #settingsOf({ settings }: FakeTopic): TopicSettings {
    return new Map(
      [...this.inherited].map(([name, inherited]): [string, TopicSetting] => {
        const [sensitive, readOnly] = [this.sensitive.has(name), this.readOnly.has(name)]
        const value = sensitive ? {} : { value: settings.get(name) ?? inherited }
        return [name, { ...value, origin: settings.has(name) ? 'topic' : 'inherited', sensitive, readOnly }]
      }),
    )
  }

  #error(code: ErrorCode, action: TopicAction, topic: string, because: string): ReplicationError {
    return new ReplicationError(code, `${doingTo(action, topic)} on the fake ${this.side}: ${because}`)
  }
}

interface PutTopic {
  readonly partitions?: number
  readonly replicationFactor?: number
  readonly settings?: Readonly<Record<string, string>>
}

const named = (topics: readonly string[]): ReadonlyMap<string, string> => new Map(topics.map((topic) => [topic, topic]))

const factsOf = (topic: string, { incarnation, partitions, replicationFactor }: FakeTopic): TopicFacts => ({
  topic,
  incarnation,
  partitions,
  replicationFactor,
  internal: INTERNAL.includes(topic),
})
