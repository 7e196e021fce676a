import { ReplicationError } from '../../domain/errors.ts'
import { retentionMsOf } from '../../domain/lag/retention.ts'
import type { ClusterTopics, TopicFacts } from '../../domain/topics/topic-facts.ts'
import type { Clock, Deadline } from '../ports.ts'
import type { TopicAdmin, TopicLedger } from './topic-ports.ts'

/** A topic that the link replicates, as it is on the source. */
export interface SourceTopic extends Pick<TopicFacts, 'topic' | 'incarnation' | 'partitions'> {
  /** Absent: retention takes nothing by time, or nobody could tell. */
  readonly retentionMs?: number
}

export interface KnownTopics {
  readonly found: readonly SourceTopic[]
  /** Topics that may be there and could not be described, and why. */
  readonly undescribed: ClusterTopics['undescribed']
  /** Whether the source was asked just now. */
  readonly fresh: boolean
  /** Topics that were asked for by name, and of which the source says that it has none. */
  readonly absent: ReadonlySet<string>
}

export interface SourceTopicsDeps {
  /** Topics that the link names, whether or not a pass has met them. */
  readonly named: readonly string[]
  readonly ledger: Pick<TopicLedger, 'topics'>
  readonly admin: Pick<TopicAdmin, 'describe' | 'settings'>
  readonly clock: Clock
}

/** Topics come and grow seldom, and settings change more seldom still. */
const TOPICS_TRUSTED_MS = 50_000
const SETTINGS_TRUSTED_MS = 300_000

interface FoundTopics extends Omit<KnownTopics, 'found' | 'fresh'> {
  readonly found: readonly TopicFacts[]
}

/** What the link replicates, asked of the source once a minute; while that does not answer, what it said last. */
export class SourceTopics {
  readonly #deps: SourceTopicsDeps
  #topics: (FoundTopics & { readonly at: number }) | undefined
  #retention: { readonly byTopic: ReadonlyMap<string, number>; readonly of: string; readonly at: number } | undefined

  constructor(deps: SourceTopicsDeps) {
    this.#deps = deps
  }

  /** Throws what a `TopicAdmin` throws when nothing was known before. */
  async known(deadline: Deadline): Promise<KnownTopics> {
    const before = this.#topics
    const { found: topics, undescribed, absent } = await this.#found(deadline)
    const fresh = this.#topics !== before
    const retention = await this.#retentionOf(topics, deadline)
    const found = topics.map(({ topic, incarnation, partitions }) => {
      const retentionMs = retention.get(topic)
      return { topic, incarnation, partitions, ...(retentionMs !== undefined && { retentionMs }) }
    })
    return { found, undescribed, absent, fresh }
  }

  /** So that the next answer is no older than what contradicts the last one. */
  doubt(): void {
    if (this.#topics !== undefined) this.#topics = { ...this.#topics, at: 0 }
  }

  async #found(deadline: Deadline): Promise<FoundTopics> {
    const { named, ledger, admin, clock } = this.#deps
    const before = this.#topics
    const at = clock.now()
    if (before !== undefined && at - before.at < TOPICS_TRUSTED_MS) return before
    const followed = [...new Set([...named, ...(await ledger.topics(deadline)).keys()])].sort()
    try {
      const { topics, ...told } = await admin.describe(deadline, followed)
      const found = followed.flatMap((topic) => topics.get(topic) ?? [])
      const undescribed = new Map([...told.undescribed].filter(([topic]) => followed.includes(topic)))
      const mayExist = (topic: string): boolean => topics.has(topic) || undescribed.has(topic)
      const showsAny = topics.size + told.undescribed.size > 0 // a login that lost its rights sees nothing
      const absent = new Set(showsAny ? followed.filter((topic) => !mayExist(topic)) : [])
      this.#topics = { found, undescribed, absent, at }
      return this.#topics
    } catch (error) {
      if (before === undefined || !(error instanceof ReplicationError)) throw error
      return before
    }
  }

  /** What the cluster does not tell of one topic is as if it took nothing. */
  async #retentionOf(topics: readonly TopicFacts[], deadline: Deadline): Promise<ReadonlyMap<string, number>> {
    const names = topics.map(({ topic }) => topic)
    const [of, at, before] = [names.join(), this.#deps.clock.now(), this.#retention]
    if (before?.of === of && at - before.at < SETTINGS_TRUSTED_MS) return before.byTopic
    try {
      const settings = await this.#deps.admin.settings(names, deadline)
      const told = [...settings].flatMap(([topic, ofTopic]): [string, number][] => {
        const retentionMs = ofTopic instanceof ReplicationError ? undefined : retentionMsOf(ofTopic)
        return retentionMs === undefined ? [] : [[topic, retentionMs]]
      })
      this.#retention = { byTopic: new Map(told), of, at }
    } catch (error) {
      if (!(error instanceof ReplicationError)) throw error
    }
    return this.#retention?.byTopic ?? new Map()
  }
}
