import { ReplicationError } from '../../domain/errors.ts'
import type { Clock } from '../../usecases/ports.ts'
import type { TopicDirectory } from './topic-directory.ts'

const TRUSTED_MS = 60_000
const LONGEST_WAIT_MS = 2_000

interface Asked {
  readonly at: number
  /** `undefined`: the cluster could not tell. */
  readonly topicId: Promise<string | undefined>
}

/** Notices that a topic was deleted and created again under a poller that reads on; one request a minute and topic. */
export class TopicIncarnations {
  readonly #topics: Pick<TopicDirectory, 'find'>
  readonly #clock: Clock
  readonly #asked = new Map<string, Asked>()

  constructor(topics: Pick<TopicDirectory, 'find'>, clock: Clock = Date) {
    this.#topics = topics
    this.#clock = clock
  }

  /** What is remembered may be the id before the last one, so that only a fresh answer contradicts. */
  async otherThan(incarnation: string, topic: string, signal: AbortSignal): Promise<string | undefined> {
    const known = this.#asked.get(topic)
    const isTrusted = known !== undefined && this.#clock.now() - known.at < TRUSTED_MS
    const remembered = isTrusted ? await known.topicId : await this.#ask(topic, signal)
    if (remembered === undefined || remembered === incarnation) return undefined
    const fresh = isTrusted ? await this.#ask(topic, signal) : remembered
    return fresh === incarnation ? undefined : fresh
  }

  #ask(topic: string, signal: AbortSignal): Promise<string | undefined> {
    const topicId = this.#topicId(topic, AbortSignal.any([signal, AbortSignal.timeout(LONGEST_WAIT_MS)]))
    this.#asked.set(topic, { at: this.#clock.now(), topicId })
    return topicId
  }

  async #topicId(topic: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      const view = await this.#topics.find(topic, { fresh: true }, signal)
      return view.kind === 'known' ? view.topicId : undefined
    } catch (error) {
      if (error instanceof ReplicationError) return undefined
      throw error
    }
  }
}
