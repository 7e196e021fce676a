import { type AppendVerdict, judgeAnswer } from '../../domain/append-verdict.ts'
import { type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import { KAFKA_ERROR } from '../../domain/kafka-errors.ts'
import type { Placement } from '../../domain/placement.ts'
import { type PartitionBatch, partitionName } from '../../domain/record.ts'
import { type Compression, RecordBatchEncoder } from '../../domain/record-batch.ts'
import type { AppendOutcome, Deadline } from '../../usecases/ports.ts'
import type { BatchLimits } from './batch-limits.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import type { LeaderOutbox } from './leader-outbox.ts'
import { findLeader } from './partition-leader.ts'
import { Patience, type Trouble } from './patience.ts'
import type { Producer, ProducerIds } from './producer-ids.ts'
import { SendWindow, type Shipment } from './send-window.ts'
import type { TopicDirectory } from './topic-directory.ts'

export interface AppendMeans {
  readonly cluster: Pick<KafkaCluster, 'name' | 'unreachable'>
  readonly topics: Pick<TopicDirectory, 'find'>
  readonly limits: Pick<BatchLimits, 'limitBytes'>
  readonly producers: Pick<ProducerIds, 'current'>
  readonly outbox: Pick<LeaderOutbox, 'send'>
  readonly compression: Compression
  /** How long to wait before a repetition, see `patience.ts`. */
  readonly pauseMs: (attempt: number) => number
}

/** Brokers remember the last five batches of a producer on a partition, and know a repetition only among these. */
const MOST_IN_FLIGHT = 5

/** These only say that time ran out; whether the batch may be in the log matters more. */
const SAY_NOTHING_OF_THE_OUTCOME = new Set<ErrorCode>([
  'TARGET_UNREACHABLE',
  'TARGET_NOT_ENOUGH_REPLICAS',
  'DEADLINE_PASSED',
])

/** One append to one partition: encodes, sends, repeats, cuts, and keeps account of what has its place. */
export class PartitionAppend {
  readonly #batch: PartitionBatch
  readonly #deadline: Deadline
  readonly #means: AppendMeans
  readonly #encoder: RecordBatchEncoder
  readonly #patience: Patience
  readonly #window = new SendWindow()
  readonly #placed: Placement[] = []
  #bytes = 0
  /** The first record that is not encoded yet. */
  #cursor = 0
  #limitBytes = 0
  /** After a refusal batches are made smaller, and sent one by one, until the culprit stands alone. */
  #atMost = Number.POSITIVE_INFINITY
  #cautious = false
  #producer: Producer | undefined
  #firstSequence = 0
  #topicId: string | undefined
  #repetitions = 0

  constructor(batch: PartitionBatch, deadline: Deadline, means: AppendMeans) {
    this.#batch = batch
    this.#deadline = deadline
    this.#means = means
    this.#encoder = new RecordBatchEncoder(batch.records, means.compression)
    this.#patience = new Patience(deadline, means.pauseMs, (code, because) => this.#error(code, because))
  }

  async run(): Promise<AppendOutcome> {
    try {
      await this.#appendAll()
      return { placed: this.#placed, bytes: this.#bytes }
    } catch (error) {
      await this.#window.settle()
      this.#placeAcknowledged()
      const stopped = this.#stopped(error)
      return { placed: this.#placed, bytes: this.#bytes, stopped }
    } finally {
      if (this.#window.doubtful) this.#producer?.retire()
    }
  }

  async #appendAll(): Promise<void> {
    let leader = await this.#prepare()
    while (this.#cursor < this.#batch.records.length || this.#window.size > 0) {
      this.#fill(leader)
      await this.#window.head?.inFlight
      if (!this.#placeAcknowledged()) leader = await this.#recover(leader)
    }
  }

  async #prepare(): Promise<number> {
    const [leader, limitBytes, producer] = await Promise.all([
      this.#findLeader({ fresh: false }),
      this.#askLimit({ fresh: false }),
      this.#patience.ask(this.#means.cluster.unreachable, (signal) => this.#means.producers.current(signal)),
    ])
    this.#limitBytes = limitBytes
    this.#producer = producer
    this.#firstSequence = producer.nextSequence(this.#incarnation)
    return leader
  }

  #askLimit(how: { readonly fresh: boolean }): Promise<number> {
    const { cluster, limits } = this.#means
    return this.#patience.ask(cluster.unreachable, (signal) => limits.limitBytes(this.#batch.topic, how, signal))
  }

  /** Sends what is due, and encodes more as long as there is room in the window. */
  #fill(leader: number): void {
    for (const shipment of this.#window.due) this.#launch(leader, shipment)
    const producer = this.#knownProducer
    const room = producer.isKnownTo(this.#incarnation) && !this.#cautious ? MOST_IN_FLIGHT : 1
    while (this.#window.size < room && this.#cursor < this.#batch.records.length) {
      this.#patience.throwAtDeadline()
      const sequence = this.#firstSequence + this.#cursor
      const { id: producerId, epoch: producerEpoch, transactional } = producer
      const stamp = { producerId, producerEpoch, sequence, transactional }
      const range = { first: this.#cursor, atMost: this.#atMost, limitBytes: this.#limitBytes }
      const { first, count, bytes } = this.#encoder.encode(range, stamp)
      this.#cursor += count
      this.#launch(leader, this.#window.push(first, count, bytes))
    }
  }

  #launch(leader: number, shipment: Shipment): void {
    this.#patience.throwAtDeadline()
    const { topic, partition } = this.#batch
    const { bytes } = shipment
    this.#window.launch(shipment, this.#means.outbox.send(leader, { topic, partition, bytes }, this.#deadline))
  }

  /** Gives acknowledged shipments their place, front to back; `false` when the first has no good answer. */
  #placeAcknowledged(): boolean {
    for (let head = this.#window.head; head?.answer !== undefined; head = this.#window.head) {
      const verdict = judgeAnswer(head.answer, head.doubtful)
      if (verdict.kind !== 'placed' || this.#goesBack(verdict.target)) return false
      this.#place(head, verdict.target)
    }
    return true
  }

  /** Offsets that go back are those of another life of the topic. */
  #goesBack(target: bigint): boolean {
    const before = this.#placed.at(-1)
    return before !== undefined && target < before.target + BigInt(before.count)
  }

  #place({ first, count, bytes }: Shipment, target: bigint): void {
    this.#placed.push({ first, count, target })
    this.#bytes += bytes.length
    this.#repetitions = 0
    this.#window.placeHead()
    this.#knownProducer.acknowledged(this.#incarnation, this.#firstSequence + first + count)
  }

  /** Called when the first shipment has no good answer. Nothing else is decided before all the others have theirs. */
  async #recover(leader: number): Promise<number> {
    await this.#window.settle()
    const head = this.#window.head
    if (head?.answer === undefined) return leader
    const verdict = judgeAnswer(head.answer, head.doubtful)
    if (verdict.kind === 'stop') throw this.#error(verdict.code, verdict.because)
    if (verdict.kind === 'cut') return await this.#cut(head, verdict, leader)
    if (verdict.kind === 'placed')
      throw this.#error('APPEND_OUTCOME_UNKNOWN', 'offsets went back; is the topic a new one?')
    this.#window.sendAgain()
    return await this.#pauseAndFindLeader(verdict)
  }

  async #pauseAndFindLeader(trouble: Trouble): Promise<number> {
    await this.#patience.pause(trouble, this.#repetitions++)
    return await this.#findLeader({ fresh: true })
  }

  /** Nothing behind a refused shipment can have been appended, and the refused one was not. */
  async #cut(head: Shipment, verdict: AppendVerdict & { kind: 'cut' }, leader: number): Promise<number> {
    if (this.#window.doubtful) throw this.#error('APPEND_OUTCOME_UNKNOWN', verdict.because)
    if (head.count === 1) throw this.#refusal(head, verdict.because)
    this.#window.clear()
    this.#cautious = true
    this.#cursor = head.first
    const { error, recordIndex: culprit = 0 } = verdict
    if (error === KAFKA_ERROR.messageTooLarge) this.#limitBytes = await this.#askLimit({ fresh: true })
    if (this.#limitBytes < head.bytes.length) this.#atMost = Number.POSITIVE_INFINITY
    else this.#atMost = culprit > 0 && culprit < head.count ? culprit : Math.floor(head.count / 2)
    return leader
  }

  async #findLeader(how: { readonly fresh: boolean }): Promise<number> {
    const { cluster, topics } = this.#means
    const look = { topics, patience: this.#patience, unreachable: cluster.unreachable }
    const { leader, topicId } = await findLeader(this.#batch, look, how)
    this.#topicId ??= topicId
    if (topicId === this.#topicId) return leader
    throw this.#error('APPEND_OUTCOME_UNKNOWN', 'the topic was deleted and created again meanwhile')
  }

  get #knownProducer(): Producer {
    if (this.#producer === undefined) throw new TypeError('an append asks for its producer before it sends')
    return this.#producer
  }

  /** The partition in this life of its topic: what sequences belong to. */
  get #incarnation(): string {
    return `${this.#topicId}/${this.#batch.partition}`
  }

  #refusal({ first, bytes }: Shipment, because: string): ReplicationError {
    const offset = this.#batch.records[first]?.offset
    const size = `${bytes.length} bytes as a batch`
    const doing = `appending the record at source offset ${offset} (${size}) to ${partitionName(this.#batch)}`
    return new ReplicationError('RECORD_REFUSED', `${doing} on ${this.#means.cluster.name}: ${because}`)
  }

  #error(code: ErrorCode, because: string, cause?: unknown): ReplicationError {
    const from = this.#batch.records[this.#window.head?.first ?? this.#cursor]?.offset
    const where = `${partitionName(this.#batch)} on ${this.#means.cluster.name} from source offset ${from} on`
    return new ReplicationError(code, `appending to ${where}: ${because}`, { cause })
  }

  /** What nobody foresaw stops this partition alone, and what has its place keeps it. */
  #stopped(cause: unknown): NonNullable<AppendOutcome['stopped']> {
    const error =
      cause instanceof ReplicationError ? cause : this.#error('UNEXPECTED', 'it broke off for no known reason', cause)
    if (error.code === 'RECORD_REFUSED') return { kind: 'refused', error }
    const unknown = this.#window.doubtful && SAY_NOTHING_OF_THE_OUTCOME.has(error.code)
    return { kind: 'failed', error: unknown ? this.#error('APPEND_OUTCOME_UNKNOWN', error.message, error) : error }
  }
}
