import { type AppendVerdict, judgeAnswer } from '../../domain/append-verdict.ts'
import { type ErrorCode, ReplicationError } from '../../domain/errors.ts'
import { KAFKA_ERROR } from '../../domain/kafka-errors.ts'
import type { Placement } from '../../domain/placement.ts'
import { type PartitionBatch, partitionName } from '../../domain/record.ts'
import { type Compression, RecordBatchEncoder } from '../../domain/record-batch.ts'
import type { AppendOutcome, Deadline } from '../../usecases/ports.ts'
import type { BatchLimits } from './batch-limits.ts'
import { waitOrAbort } from './deadline-wait.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import type { LeaderOutbox } from './leader-outbox.ts'
import { type LeaderView, leaderOf } from './partition-leader.ts'
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
  /** How long to wait before a repetition, see `deadline-wait.ts`. */
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

interface Trouble {
  readonly code: ErrorCode
  readonly because: string
}

/** One append to one partition: encodes, sends, repeats, cuts, and keeps account of what has its place. */
export class PartitionAppend {
  readonly #batch: PartitionBatch
  readonly #deadline: Deadline
  readonly #means: AppendMeans
  readonly #encoder: RecordBatchEncoder
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
  #lastTrouble: Trouble = { code: 'DEADLINE_PASSED', because: 'nothing was sent' }

  constructor(batch: PartitionBatch, deadline: Deadline, means: AppendMeans) {
    this.#batch = batch
    this.#deadline = deadline
    this.#means = means
    this.#encoder = new RecordBatchEncoder(batch.records, means.compression)
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
    const { signal } = this.#deadline
    const [leader, limitBytes, producer] = await Promise.all([
      this.#findLeader({ fresh: false }),
      this.#patiently(() => this.#means.limits.limitBytes(this.#batch.topic, { fresh: false }, signal)),
      this.#patiently(() => this.#means.producers.current(signal)),
    ])
    this.#limitBytes = limitBytes
    this.#producer = producer
    this.#firstSequence = producer.nextSequence(this.#incarnation)
    return leader
  }

  /** Sends what is due, and encodes more as long as there is room in the window. */
  #fill(leader: number): void {
    for (const shipment of this.#window.due) this.#launch(leader, shipment)
    const producer = this.#knownProducer
    const room = producer.isKnownTo(this.#incarnation) && !this.#cautious ? MOST_IN_FLIGHT : 1
    while (this.#window.size < room && this.#cursor < this.#batch.records.length) {
      this.#throwAtDeadline()
      const sequence = this.#firstSequence + this.#cursor
      const stamp = { producerId: producer.id, producerEpoch: producer.epoch, sequence }
      const range = { first: this.#cursor, atMost: this.#atMost, limitBytes: this.#limitBytes }
      const { first, count, bytes } = this.#encoder.encode(range, stamp)
      this.#cursor += count
      this.#launch(leader, this.#window.push(first, count, bytes))
    }
  }

  /** A frozen sandbox wakes up with its timers late, so the clock is looked at before anything is sent. */
  #throwAtDeadline(): void {
    if (!this.#deadline.signal.aborted && Date.now() < this.#deadline.at) return
    throw this.#error(this.#lastTrouble.code, `the deadline passed; before it: ${this.#lastTrouble.because}`)
  }

  #launch(leader: number, shipment: Shipment): void {
    this.#throwAtDeadline()
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
    await this.#pause(trouble, this.#repetitions++)
    return await this.#findLeader({ fresh: true })
  }

  /** Nothing behind a refused shipment can have been appended, and the refused one was not. */
  async #cut(head: Shipment, verdict: AppendVerdict & { kind: 'cut' }, leader: number): Promise<number> {
    if (this.#window.doubtful) throw this.#error('APPEND_OUTCOME_UNKNOWN', verdict.because)
    if (head.count === 1) throw this.#refusal(head, verdict.because)
    this.#window.clear()
    this.#cautious = true
    this.#cursor = head.first
    const limitBytes = await this.#freshLimit(verdict.error)
    const { recordIndex: culprit = 0 } = verdict
    if (limitBytes < head.bytes.length) this.#limitBytes = limitBytes
    else this.#atMost = culprit > 0 && culprit < head.count ? culprit : Math.floor(head.count / 2)
    return leader
  }

  async #freshLimit(error: number): Promise<number> {
    if (error !== KAFKA_ERROR.messageTooLarge) return Number.POSITIVE_INFINITY
    const { topic } = this.#batch
    return await this.#patiently(() => this.#means.limits.limitBytes(topic, { fresh: true }, this.#deadline.signal))
  }

  async #findLeader(how: { readonly fresh: boolean }): Promise<number> {
    for (let looks = how.fresh ? 1 : 0; ; looks++) {
      const view = await this.#look(looks > 0, looks)
      if (view.kind === 'stop') throw view.error
      if (view.kind === 'leader') return this.#sameIncarnation(view)
      await this.#pause(view, looks)
    }
  }

  async #look(fresh: boolean, looks: number): Promise<LeaderView> {
    const { topic } = this.#batch
    const view = await this.#patiently(() => this.#means.topics.find(topic, { fresh }, this.#deadline.signal))
    return leaderOf(view, this.#batch, looks)
  }

  #sameIncarnation({ leader, topicId }: LeaderView & { kind: 'leader' }): number {
    this.#topicId ??= topicId
    if (topicId === this.#topicId) return leader
    throw this.#error('APPEND_OUTCOME_UNKNOWN', 'the topic was deleted and created again meanwhile')
  }

  /** Repeats a question until the deadline, as long as no broker can be reached. */
  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      this.#throwAtDeadline()
      try {
        return await ask()
      } catch (error) {
        if (!(error instanceof ReplicationError) || error.code !== this.#means.cluster.unreachable) throw error
        await this.#pause({ code: error.code, because: error.message }, attempt)
      }
    }
  }

  async #pause({ code, because }: Trouble, attempt: number): Promise<void> {
    this.#lastTrouble = { code, because }
    await waitOrAbort(this.#means.pauseMs(attempt), this.#deadline.signal)
    this.#throwAtDeadline()
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

  #error(code: ErrorCode, because: string): ReplicationError {
    const from = this.#batch.records[this.#window.head?.first ?? this.#cursor]?.offset
    const where = `${partitionName(this.#batch)} on ${this.#means.cluster.name} from source offset ${from} on`
    return new ReplicationError(code, `appending to ${where}: ${because}`)
  }

  #stopped(error: unknown): NonNullable<AppendOutcome['stopped']> {
    if (!(error instanceof ReplicationError)) throw error
    if (error.code === 'RECORD_REFUSED') return { kind: 'refused', error }
    const unknown = this.#window.doubtful && SAY_NOTHING_OF_THE_OUTCOME.has(error.code)
    return { kind: 'failed', error: unknown ? this.#error('APPEND_OUTCOME_UNKNOWN', error.message) : error }
  }
}
