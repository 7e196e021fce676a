import { asReplicationError, type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import { doingTo, missingRight, type TopicAction } from '../../domain/topics/topic-right.ts'
import { topicAnswer } from '../../domain/topics/topic-verdict.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { PerTopic } from '../../usecases/topics/topic-ports.ts'
import { NoAnswer } from './broker-connection.ts'
import type { ClusterLogin } from './cluster-login.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { pauseMs, waitOrAbort } from './patience.ts'
import { inRequests, type RequestLoad } from './request-load.ts'
import type { TopicReply } from './requests/topic-reply.ts'

/** What is to be done with topics, each with an item that says how. */
export interface TopicErrand<Item, Reply extends TopicReply, Done> {
  readonly action: TopicAction
  readonly load: RequestLoad<Item>
  /** Throws `NoAnswer`, or what `KafkaCluster.ask` throws. */
  send(items: ReadonlyMap<string, Item>, signals: readonly AbortSignal[]): Promise<readonly Reply[]>
  done(reply: Reply): Done
  /** Whether a topic that is gone after a try without an answer is what was wanted. */
  readonly wantsItGone?: boolean
}

/** Where an errand goes, and as whom. */
export interface ErrandPlace {
  readonly cluster: Pick<KafkaCluster, 'name' | 'unreachable' | 'isUnreachable'>
  readonly login: Pick<ClusterLogin, 'principal'>
  readonly unknownTopic: ErrorCode
}

/** New topics are not known to all brokers at once. */
const LOOKS_FOR_WHAT_IS_MISSING = 4

/** One errand: round after round until each topic has its answer, or time is up. One topic never stops another. */
export class TopicRounds<Item, Reply extends TopicReply, Done> {
  readonly #place: ErrandPlace
  readonly #errand: TopicErrand<Item, Reply, Done>
  readonly #deadline: Deadline
  readonly #waiting: Map<string, Item>
  readonly #answers = new Map<string, Done | ReplicationError>()
  /** Why a topic still waits. */
  readonly #troubles = new Map<string, string>()
  /** Topics of tries without an answer: what was asked for may have been done. */
  readonly #doubtful = new Set<string>()

  constructor(
    place: ErrandPlace,
    errand: TopicErrand<Item, Reply, Done>,
    items: ReadonlyMap<string, Item>,
    deadline: Deadline,
  ) {
    this.#place = place
    this.#errand = errand
    this.#waiting = new Map(items)
    this.#deadline = deadline
  }

  /** Throws when no topic has an answer. */
  async run(): Promise<PerTopic<Done>> {
    for (let round = 0; this.#waiting.size > 0 && !this.#late; round++) {
      if (round > 0) await waitOrAbort(pauseMs(round - 1), this.#deadline.signal)
      await this.#round(round)
    }
    for (const topic of this.#waiting.keys()) this.#giveUp(topic)
    return this.#answers
  }

  /** A frozen sandbox wakes up with its timers late, so the clock is looked at as well. */
  get #late(): boolean {
    return this.#deadline.signal.aborted || Date.now() >= this.#deadline.at
  }

  async #round(round: number): Promise<void> {
    for (const items of inRequests(this.#waiting, this.#errand.load)) {
      if (this.#late) return
      try {
        const replies = await this.#errand.send(items, [this.#deadline.signal])
        await this.#take(items, replies, round)
      } catch (error) {
        this.#failed(items, error)
        return
      }
    }
  }

  async #take(items: ReadonlyMap<string, Item>, replies: readonly Reply[], round: number): Promise<void> {
    const byTopic = new Map(replies.map((reply) => [reply.topic, reply]))
    for (const topic of items.keys()) {
      const reply = byTopic.get(topic)
      const answer = reply === undefined ? undefined : await this.#judge(topic, reply, round)
      if (answer !== undefined) this.#settle(topic, answer)
      else this.#troubles.set(topic, reply === undefined ? 'the answer did not name it' : whatItSaid(reply))
    }
  }

  /** `undefined`: not now. */
  async #judge(topic: string, reply: Reply, round: number): Promise<Done | ReplicationError | undefined> {
    const { verdict } = topicAnswer(reply.error)
    switch (verdict) {
      case 'done':
        return this.#errand.done(reply)
      case 'maybe':
        this.#doubtful.add(topic)
        return undefined
      case 'again':
        return undefined
      case 'exists':
        return this.#error('TOPIC_EXISTS', topic, this.#existing(topic))
      case 'unknown':
        if (this.#errand.wantsItGone && this.#doubtful.has(topic)) return this.#errand.done(reply)
        if (round < LOOKS_FOR_WHAT_IS_MISSING) return undefined
        return this.#error(this.#place.unknownTopic, topic, 'there is no such topic, or the login may not see it')
      case 'denied':
        return this.#error('TOPIC_DENIED', topic, await this.#missingRight(topic))
      case 'refused':
        return this.#error('TOPIC_REFUSED', topic, whatItSaid(reply))
    }
  }

  async #missingRight(topic: string): Promise<string> {
    return missingRight(this.#errand.action, topic, await this.#place.login.principal())
  }

  #existing(topic: string): string {
    const seen = 'it is there; a list of topics leaves out what the login may not DESCRIBE'
    return this.#doubtful.has(topic) ? 'it is there, perhaps by an earlier try whose answer was lost' : seen
  }

  #settle(topic: string, answer: Done | ReplicationError): void {
    this.#answers.set(topic, answer)
    this.#waiting.delete(topic)
  }

  /** What is neither an unreachable cluster nor a lost answer will not pass: it ends the errand for all that still wait. */
  #failed(items: ReadonlyMap<string, Item>, error: unknown): void {
    if (error instanceof NoAnswer && error.sent) for (const topic of items.keys()) this.#doubtful.add(topic)
    if (this.#place.cluster.isUnreachable(error)) this.#noteTrouble(error)
    else this.#end(error)
  }

  #end(error: unknown): void {
    if (this.#answers.size === 0) throw error
    for (const topic of this.#waiting.keys())
      this.#settle(topic, asReplicationError(error, this.#doing(topic, 'something nobody foresaw')))
  }

  /** A question that the deadline cut off knows less than the answer before it. */
  #noteTrouble(error: unknown): void {
    const because = error instanceof Error ? error.message : String(error)
    for (const topic of this.#waiting.keys())
      if (!this.#late || !this.#troubles.has(topic)) this.#troubles.set(topic, because)
  }

  #giveUp(topic: string): void {
    const trouble = this.#troubles.get(topic) ?? 'there is no time left'
    const because = this.#doubtful.has(topic) ? `${trouble}; it may have been done all the same` : trouble
    const error = this.#error(this.#place.cluster.unreachable, topic, because)
    if (this.#answers.size === 0) throw error
    this.#settle(topic, error)
  }

  #error(code: ErrorCode, topic: string, because: string): ReplicationError {
    return new ReplicationError(code, this.#doing(topic, because))
  }

  #doing(topic: string, because: string): string {
    return `${doingTo(this.#errand.action, topic)} on ${this.#place.cluster.name}: ${because}`
  }
}

const whatItSaid = ({ error, because }: TopicReply): string => {
  const { name } = topicAnswer(error)
  return because === undefined ? name : `${name}, ${because}`
}
