import { ReplicationError } from '../../domain/errors.ts'
import type { KafkaAccess } from '../../domain/kafka-access.ts'
import { KAFKA_ERROR } from '../../domain/kafka-errors.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { LogEdges, LogRead, LogReader, NewestRecord, PerPartition, ReadLimits } from '../../usecases/log-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { type ClusterSideOptions, clusterSide } from './cluster-side.ts'
import { DamagedBatch, TooLargeAtOnce } from './fetched/unpacked-bytes.ts'
import { visibleContent } from './fetched/visible-content.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { LeaderQuestions } from './leader-questions.ts'
import { Patience, pauseMs } from './patience.ts'
import { type FetchedPartition, type FetchQuestion, fetchRequest } from './requests/fetch-request.ts'
import type { LogPlace, PartitionOffset } from './requests/list-offsets-request.ts'
import { TopicDirectory } from './topic-directory.ts'

const UNKNOWN_TOPIC = { source: 'SOURCE_TOPIC_UNKNOWN', target: 'TARGET_TOPIC_UNKNOWN' } as const

const NO_SUCH_RECORD = -1n

/** The logs of a Kafka cluster, read by requests of our own; keeps nothing between two reads but leaders and connections. */
export class KafkaLogReader implements LogReader {
  readonly #cluster: KafkaCluster
  readonly #leaders: LeaderQuestions

  constructor(access: KafkaAccess, options: ClusterSideOptions) {
    const { cluster } = clusterSide(access, options)
    const topicUnknown = UNKNOWN_TOPIC[options.side]
    this.#cluster = cluster
    this.#leaders = new LeaderQuestions({ cluster, topics: new TopicDirectory(cluster), topicUnknown })
  }

  async edges(partitions: readonly PartitionId[], { signal }: Deadline): Promise<PerPartition<LogEdges>> {
    const [start, stableEnd, end] = await Promise.all([
      this.#leaders.offsets('first', partitions, signal),
      this.#leaders.offsets('stableEnd', partitions, signal),
      this.#leaders.offsets('end', partitions, signal),
    ])
    return perPartition(partitions, (name) => edgesOf(start.get(name), stableEnd.get(name), end.get(name)))
  }

  async newest(
    partitions: readonly PartitionId[],
    deadline: Deadline,
  ): Promise<PerPartition<NewestRecord | undefined>> {
    return this.#recordAt('newest', partitions, deadline, ({ offset, timestamp }) => ({ offset, timestamp }))
  }

  async firstSince(
    partitions: readonly PartitionId[],
    timestamp: number,
    deadline: Deadline,
  ): Promise<PerPartition<bigint | undefined>> {
    return this.#recordAt({ since: timestamp }, partitions, deadline, ({ offset }) => offset)
  }

  async *pieces(partition: PartitionId, from: bigint, limits: ReadLimits, deadline: Deadline): AsyncGenerator<LogRead> {
    const question = { ...partition, from, maxBytes: limits.maxBytes, committed: limits.isolation !== 'uncommitted' }
    const fetched = await this.#fetch(question, deadline)
    if (fetched === 'out-of-range') {
      yield { kind: 'out-of-range', edges: await this.#edgesOf(partition, deadline) }
      return
    }
    try {
      for await (const { records, recordless, next } of visibleContent(from, fetched, limits.isolation))
        yield { kind: 'read', records, recordless, next }
    } catch (error) {
      const code =
        error instanceof TooLargeAtOnce ? 'RECORD_TOO_LARGE' : error instanceof DamagedBatch ? 'LOG_DAMAGED' : undefined
      if (code === undefined) throw error
      const because = `reading from offset ${from} on: ${(error as Error).message}`
      throw this.#leaders.failure(code, partition, because, error)
    }
  }

  async read(partition: PartitionId, from: bigint, limits: ReadLimits, deadline: Deadline): Promise<LogRead> {
    for await (const first of this.pieces(partition, from, limits, deadline)) return first
    throw new RangeError('a fetch has one piece at least')
  }

  close(): void {
    this.#cluster.close()
  }

  async #recordAt<Answer>(
    place: LogPlace,
    partitions: readonly PartitionId[],
    { signal }: Deadline,
    answer: (found: PartitionOffset) => Answer,
  ): Promise<PerPartition<Answer | undefined>> {
    const answers = await this.#leaders.offsets(place, partitions, signal)
    return perPartition(partitions, (name) => {
      const found = answers.get(name)
      if (found === undefined || found instanceof ReplicationError) return found
      return found.offset === NO_SUCH_RECORD ? undefined : answer(found)
    })
  }

  async #edgesOf(partition: PartitionId, deadline: Deadline): Promise<LogEdges> {
    const edges = (await this.edges([partition], deadline)).get(partitionName(partition))
    if (edges instanceof ReplicationError) throw edges
    if (edges === undefined) throw this.#leaders.failure(this.#cluster.unreachable, partition, 'its edges are unknown')
    return edges
  }

  /** Again and again until the deadline while the leader moves or is away. */
  async #fetch(question: FetchQuestion, deadline: Deadline): Promise<FetchedPartition | 'out-of-range'> {
    const patience = new Patience(deadline, pauseMs, (code, because) => this.#leaders.failure(code, question, because))
    for (let attempt = 0; ; attempt++) {
      patience.throwAtDeadline()
      const answer = await this.#tryFetch(question, { fresh: attempt > 0 }, deadline.signal)
      if (!(answer instanceof ReplicationError)) return answer
      await patience.pause({ code: answer.code, because: answer.message }, attempt)
    }
  }

  /** Returns the errors that may pass, and throws the others. */
  async #tryFetch(
    question: FetchQuestion,
    how: { readonly fresh: boolean },
    signal: AbortSignal,
  ): Promise<FetchedPartition | 'out-of-range' | ReplicationError> {
    try {
      const led = await this.#leaders.leader(question, how, signal)
      if (led.kind === 'none') return orThrow(led.error, led.again)
      const connection = await this.#cluster.node(led.leader, [signal])
      const fetched = await this.#cluster.tell(connection, fetchRequest(question), [signal])
      if (fetched?.error === KAFKA_ERROR.none) return fetched
      if (fetched?.error === KAFKA_ERROR.offsetOutOfRange) return 'out-of-range'
      const error = this.#leaders.refusal(fetched?.error ?? KAFKA_ERROR.unknownTopic, question)
      return orThrow(error, error.code === this.#cluster.unreachable)
    } catch (error) {
      if (!this.#cluster.isUnreachable(error)) throw error
      const because = error instanceof Error ? error.message : String(error)
      return error instanceof ReplicationError
        ? error
        : this.#leaders.failure(this.#cluster.unreachable, question, because, error)
    }
  }
}

const orThrow = (error: ReplicationError, mayPass: boolean): ReplicationError => {
  if (mayPass) return error
  throw error
}

const edgesOf = (
  start: PartitionOffset | ReplicationError | undefined,
  stableEnd: PartitionOffset | ReplicationError | undefined,
  end: PartitionOffset | ReplicationError | undefined,
): LogEdges | ReplicationError => {
  for (const answer of [start, stableEnd, end]) if (answer instanceof ReplicationError) return answer
  return { start: offsetIn(start), stableEnd: offsetIn(stableEnd), end: offsetIn(end) }
}

const offsetIn = (answer: PartitionOffset | ReplicationError | undefined): bigint => {
  if (answer !== undefined && !(answer instanceof ReplicationError)) return answer.offset
  throw new RangeError('a partition that was asked for has no answer')
}

const perPartition = <Answer>(
  partitions: readonly PartitionId[],
  answer: (name: string) => Answer,
): ReadonlyMap<string, Answer> =>
  new Map(partitions.map((partition) => [partitionName(partition), answer(partitionName(partition))]))
