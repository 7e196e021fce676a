import type { KafkaAccess } from '../../domain/kafka-access.ts'
import type { ClusterTopics, NewTopic, SettingChange, TopicSettings } from '../../domain/topics/topic-facts.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { PerTopic, TopicAdmin } from '../../usecases/topics/topic-ports.ts'
import { ClusterController } from './cluster-controller.ts'
import type { ClusterLogin } from './cluster-login.ts'
import { type ClusterSideOptions, clusterSide } from './cluster-side.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { createPartitionsRequest } from './requests/create-partitions-request.ts'
import { createTopicsRequest } from './requests/create-topics-request.ts'
import { deleteTopicsRequest } from './requests/delete-topics-request.ts'
import { type DescribedTopic, describeTopicsRequest } from './requests/describe-configs-request.ts'
import { incrementalAlterConfigsRequest } from './requests/incremental-alter-configs-request.ts'
import { metadataRequest } from './requests/metadata-request.ts'
import type { TopicReply } from './requests/topic-reply.ts'
import { TopicCensus } from './topic-census.ts'
import { type TopicErrand, TopicRounds } from './topic-rounds.ts'

/** A topic has some 35 settings, so that an answer comes to half a megabyte. */
const DESCRIBED_PER_REQUEST = 200
const CHANGED_PER_REQUEST = 200
/** Kafka's INVALID_PARTITIONS: the topic has as many already, or more. */
const INVALID_PARTITIONS = 37

const UNKNOWN_TOPIC = { source: 'SOURCE_TOPIC_UNKNOWN', target: 'TARGET_TOPIC_UNKNOWN' } as const

const byName = (topics: readonly string[]): ReadonlyMap<string, string> =>
  new Map(topics.map((topic) => [topic, topic]))

/** The topics of a Kafka cluster. No request of it makes a topic but the one that is meant to. */
export class KafkaTopicAdmin implements TopicAdmin {
  readonly #cluster: KafkaCluster
  readonly #controller: ClusterController
  readonly #login: ClusterLogin
  readonly #side: ClusterSideOptions['side']

  constructor(access: KafkaAccess, options: ClusterSideOptions) {
    this.#side = options.side
    const { cluster, login } = clusterSide(access, options)
    this.#cluster = cluster
    this.#login = login
    this.#controller = new ClusterController(this.#cluster)
  }

  describe(deadline: Deadline, named: readonly string[] = []): Promise<ClusterTopics> {
    return new TopicCensus(this.#cluster, this.#login).take(named, deadline)
  }

  settings(topics: readonly string[], deadline: Deadline): Promise<PerTopic<TopicSettings>> {
    const errand: TopicErrand<string, DescribedTopic, TopicSettings> = {
      action: 'settings',
      load: { topics: DESCRIBED_PER_REQUEST },
      send: (asked, signals) => this.#cluster.ask(describeTopicsRequest([...asked.keys()], 'all'), signals),
      done: ({ settings }) => settings,
    }
    return this.#run(errand, byName(topics), deadline)
  }

  create(topics: readonly NewTopic[], deadline: Deadline): Promise<PerTopic<'created'>> {
    const errand: TopicErrand<NewTopic, TopicReply, 'created'> = {
      action: 'create',
      load: { topics: CHANGED_PER_REQUEST, records: ({ partitions, settings }) => 1 + partitions + settings.size },
      send: (asked, signals) => this.#controller.tell(createTopicsRequest([...asked.values()]), signals),
      done: () => 'created',
    }
    return this.#run(errand, new Map(topics.map((topic) => [topic.topic, topic])), deadline)
  }

  grow(counts: ReadonlyMap<string, number>, deadline: Deadline): Promise<PerTopic<'grown'>> {
    const errand: TopicErrand<number, TopicReply, 'grown'> = {
      action: 'grow',
      load: { topics: CHANGED_PER_REQUEST, records: (count) => count },
      send: (asked, signals) => this.#grow(asked, signals),
      done: () => 'grown',
    }
    return this.#run(errand, counts, deadline)
  }

  alter(changes: ReadonlyMap<string, readonly SettingChange[]>, deadline: Deadline): Promise<PerTopic<'altered'>> {
    const errand: TopicErrand<readonly SettingChange[], TopicReply, 'altered'> = {
      action: 'alter',
      load: { topics: CHANGED_PER_REQUEST, records: ({ length }) => length },
      send: (asked, signals) => this.#controller.tell(incrementalAlterConfigsRequest(asked), signals),
      done: () => 'altered',
    }
    return this.#run(errand, changes, deadline)
  }

  remove(topics: readonly string[], deadline: Deadline): Promise<PerTopic<'removed'>> {
    const errand: TopicErrand<string, TopicReply, 'removed'> = {
      action: 'remove',
      load: { topics: CHANGED_PER_REQUEST },
      send: (asked, signals) => this.#controller.tell(deleteTopicsRequest([...asked.keys()]), signals),
      done: () => 'removed',
      wantsItGone: true,
    }
    return this.#run(errand, byName(topics), deadline)
  }

  /** Closes all connections; what is under way ends as if the cluster had gone. */
  close(): void {
    this.#cluster.close()
  }

  /** Growing is idempotent for callers and not for Kafka: what it refuses is looked at before it is believed. */
  async #grow(counts: ReadonlyMap<string, number>, signals: readonly AbortSignal[]): Promise<readonly TopicReply[]> {
    const replies = await this.#controller.tell(createPartitionsRequest(counts), signals)
    const refused = replies.filter(({ error }) => error === INVALID_PARTITIONS).map(({ topic }) => topic)
    if (refused.length === 0) return replies
    const { topics } = await this.#cluster.ask(metadataRequest(refused), signals)
    const grown = new Set(
      topics.filter(({ topic, leaders }) => leaders.size === counts.get(topic)).map(({ topic }) => topic),
    )
    return replies.map((reply) => (grown.has(reply.topic) ? { topic: reply.topic, error: 0 } : reply))
  }

  #run<Item, Reply extends TopicReply, Done>(
    errand: TopicErrand<Item, Reply, Done>,
    items: ReadonlyMap<string, Item>,
    deadline: Deadline,
  ): Promise<PerTopic<Done>> {
    const who = { cluster: this.#cluster, login: this.#login, unknownTopic: UNKNOWN_TOPIC[this.#side] }
    return new TopicRounds(who, errand, items, deadline).run()
  }
}
