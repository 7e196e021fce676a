import { type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import { KAFKA_ERROR, kafkaError } from '../../domain/kafka-errors.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { pauseMs, waitOrAbort } from './patience.ts'
import { type LogPlace, logOffsetsRequest, type PartitionOffset } from './requests/list-offsets-request.ts'
import type { TopicDirectory, TopicView } from './topic-directory.ts'

export interface LeaderQuestionsDeps {
  readonly cluster: KafkaCluster
  readonly topics: TopicDirectory
  readonly topicUnknown: ErrorCode
}

/** Leaders move, and a broker that restarts is back soon; what lasts longer is for whoever asks to see. */
const ATTEMPTS = 3

/** Where a partition is led now, or why it has no answer; `again`: which may soon be different. */
export type LedBy =
  | { readonly kind: 'leader'; readonly leader: number }
  | { readonly kind: 'none'; readonly error: ReplicationError; readonly again: boolean }

type Answers = Map<string, PartitionOffset | ReplicationError>

/** Asks the leaders of many partitions at once; one request for each leader and place. */
export class LeaderQuestions {
  readonly #deps: LeaderQuestionsDeps

  constructor(deps: LeaderQuestionsDeps) {
    this.#deps = deps
  }

  /** By `partitionName`; every partition has an answer. Never throws. */
  async offsets(
    place: LogPlace,
    partitions: readonly PartitionId[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, PartitionOffset | ReplicationError>> {
    const answers: Answers = new Map()
    let left = partitions
    for (let attempt = 0; left.length > 0 && attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await waitOrAbort(pauseMs(attempt), signal)
      if (attempt > 0 && signal.aborted) break
      left = await this.#attempt(place, left, { fresh: attempt > 0 }, signal, answers)
    }
    return answers
  }

  /** Throws what `KafkaCluster.ask` throws. */
  async leader(partition: PartitionId, how: { readonly fresh: boolean }, signal: AbortSignal): Promise<LedBy> {
    return this.#ledBy(partition, await this.#deps.topics.find(partition.topic, how, signal))
  }

  failure(code: ErrorCode, partition: PartitionId, because: string, cause?: unknown): ReplicationError {
    const doing = `looking at the log of ${partitionName(partition)} on ${this.#deps.cluster.name}: ${because}`
    return new ReplicationError(code, doing, { cause })
  }

  /** What a broker said instead of an answer. */
  refusal(error: number, partition: PartitionId): ReplicationError {
    const { unreachable } = this.#deps.cluster
    const code = error === KAFKA_ERROR.topicDenied ? 'TOPIC_DENIED' : unreachable
    return this.failure(code, partition, kafkaError(error).name)
  }

  /** Answers what it can, and returns the partitions that are worth another attempt. */
  async #attempt(
    place: LogPlace,
    partitions: readonly PartitionId[],
    how: { readonly fresh: boolean },
    signal: AbortSignal,
    answers: Answers,
  ): Promise<readonly PartitionId[]> {
    const again: PartitionId[] = []
    const byLeader = new Map<number, PartitionId[]>()
    const settle = async (partition: PartitionId): Promise<void> => {
      const led = await this.#leaderOrWhyNot(partition, how, signal)
      if (led.kind === 'leader') byLeader.set(led.leader, [...(byLeader.get(led.leader) ?? []), partition])
      else answers.set(partitionName(partition), led.error)
      if (led.kind === 'none' && led.again) again.push(partition)
    }
    await Promise.all(partitions.map(settle))
    const asking = [...byLeader].map(([leader, led]) => this.#askLeader(place, leader, led, signal, answers))
    return [...again, ...(await Promise.all(asking)).flat()]
  }

  async #leaderOrWhyNot(partition: PartitionId, how: { readonly fresh: boolean }, signal: AbortSignal): Promise<LedBy> {
    try {
      return await this.leader(partition, how, signal)
    } catch (error) {
      if (!(error instanceof ReplicationError)) throw error
      return { kind: 'none', error, again: this.#deps.cluster.isUnreachable(error) }
    }
  }

  async #askLeader(
    place: LogPlace,
    leader: number,
    partitions: readonly PartitionId[],
    signal: AbortSignal,
    answers: Answers,
  ): Promise<readonly PartitionId[]> {
    const { cluster } = this.#deps
    try {
      const connection = await cluster.node(leader, [signal])
      const offsets = await cluster.tell(connection, logOffsetsRequest(place, partitions), [signal])
      const told = new Map(offsets.map((offset) => [partitionName(offset), offset]))
      return partitions.filter((partition) => !this.#note(partition, told.get(partitionName(partition)), answers))
    } catch (error) {
      const known = error instanceof ReplicationError ? error : undefined
      const because = error instanceof Error ? error.message : String(error)
      for (const partition of partitions)
        answers.set(partitionName(partition), known ?? this.failure(cluster.unreachable, partition, because, error))
      return cluster.isUnreachable(error) ? partitions : []
    }
  }

  /** Whether the answer stands. */
  #note(partition: PartitionId, answer: PartitionOffset | undefined, answers: Answers): boolean {
    const name = partitionName(partition)
    if (answer === undefined) {
      answers.set(name, this.failure(this.#deps.cluster.unreachable, partition, 'its leader left it out'))
      return false
    }
    const refused = answer.error !== KAFKA_ERROR.none
    answers.set(name, refused ? this.refusal(answer.error, partition) : answer)
    return !refused || answer.error === KAFKA_ERROR.topicDenied
  }

  #ledBy(partition: PartitionId, view: TopicView): LedBy {
    const none = (code: ErrorCode, because: string, again = false): LedBy => ({
      kind: 'none',
      error: this.failure(code, partition, because),
      again,
    })
    const { cluster, topicUnknown } = this.#deps
    if (view.kind === 'unclear') return none(cluster.unreachable, view.because, true)
    if (view.kind === 'denied') return none('TOPIC_DENIED', 'we may not describe the topic')
    if (view.kind === 'unknown') return none(topicUnknown, 'there is no such topic', true)
    if (!view.leaders.has(partition.partition))
      return none(topicUnknown, `the topic has ${view.leaders.size} partitions`, true)
    const leader = view.leaders.get(partition.partition)
    return leader === undefined
      ? none(cluster.unreachable, 'the partition has no leader', true)
      : { kind: 'leader', leader }
  }
}
