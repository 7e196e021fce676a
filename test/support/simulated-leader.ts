import { Reader, readRecordsBatch } from '@platformatic/kafka'
import type { LeaderOutbox } from '../../shared/adapters/kafka/leader-outbox.ts'
import type { AppendAnswer } from '../../shared/domain/append-verdict.ts'

/** What befalls one batch on its way; `after` means that the leader has appended it. */
export const FAULTS = [
  'none',
  'lost-before',
  'lost-after',
  'not-connected',
  'not-enough-replicas',
  'not-enough-replicas-after',
  'timed-out-after',
  'not-leader',
  'not-leader-after',
  'server-error',
  'server-error-after',
  'fenced-after',
  'out-of-order',
] as const
export type Fault = (typeof FAULTS)[number]

const OUT_OF_ORDER = 45

const FAULT_NUMBERS: Partial<Record<Fault, number>> = {
  'not-enough-replicas': 19,
  'not-enough-replicas-after': 20,
  'timed-out-after': 7,
  'not-leader': 6,
  'not-leader-after': 6,
  'server-error': -1,
  'server-error-after': -1,
  'fenced-after': 47,
  'out-of-order': OUT_OF_ORDER,
}

const INVALID_RECORD = 87
const REMEMBERED_BATCHES = 5

interface Remembered {
  readonly sequence: number
  readonly count: number
  readonly offset: number
  readonly bytes: Buffer
}

interface Delivery {
  readonly bytes: Uint8Array
  readonly answer: (answer: AppendAnswer) => void
}

/**
 * A partition's leader as Kafka 3 and 4 play it for an idempotent producer: a producer that it does not know may begin
 * with any sequence, the last five batches are known again, all else must follow on. Batches of one connection are
 * handled in order, and when the connection breaks everything behind is lost as well.
 */
export class SimulatedLeader implements Pick<LeaderOutbox, 'send'> {
  readonly log: string[] = []
  /** Batches that were taken for repetitions although they hold other bytes: each is a silent loss. */
  readonly silentLosses: string[] = []
  readonly producers = new Set<bigint>()
  mostInFlight = 0
  blames = true
  readonly #faults: Fault[]
  readonly #remembered = new Map<bigint, Remembered[]>()
  readonly #deliveries: Delivery[] = []
  #broken = false

  constructor(faults: readonly Fault[]) {
    this.#faults = [...faults]
  }

  send(_leader: number, { bytes }: { readonly bytes: Uint8Array }): Promise<AppendAnswer> {
    return new Promise((answer) => {
      if (this.#deliveries.length === 0) setImmediate(() => this.#handle())
      this.#deliveries.push({ bytes, answer })
      this.mostInFlight = Math.max(this.mostInFlight, this.#deliveries.length)
    })
  }

  #handle(): void {
    const [delivery] = this.#deliveries
    if (delivery === undefined) return
    const answer = this.#answer(Buffer.from(delivery.bytes))
    this.#deliveries.shift()
    if (this.#deliveries.length === 0) this.#broken = false
    else setImmediate(() => this.#handle())
    delivery.answer(answer)
  }

  #answer(bytes: Buffer): AppendAnswer {
    if (this.#broken) return lost(true)
    const fault = this.#faults.shift() ?? 'none'
    if (fault === 'not-connected') return lost(false)
    if (fault.startsWith('lost')) this.#broken = true
    const appended = fault === 'none' || fault.endsWith('after') ? this.#append(bytes) : undefined
    if (this.#broken) return lost(true)
    const number = FAULT_NUMBERS[fault]
    if (appended?.kind === 'answered' && appended.error !== 0) return appended
    return number === undefined ? (appended ?? lost(true)) : answered(number)
  }

  #append(bytes: Buffer): AppendAnswer {
    const batch = readRecordsBatch(Reader.from(bytes))
    const values = batch.records.map(({ value }) => value?.toString() ?? '')
    const { producerId, firstSequence: sequence } = batch
    this.producers.add(producerId)
    const remembered = this.#remembered.get(producerId) ?? []
    const again = remembered.find((one) => one.sequence === sequence && one.count === values.length)
    if (again !== undefined) return this.#repetition(again, bytes, values)
    const last = remembered.at(-1)
    if (last !== undefined && sequence !== last.sequence + last.count) return answered(OUT_OF_ORDER)
    const culprit = values.findIndex((value) => value.startsWith('poison'))
    if (culprit >= 0) return answered(INVALID_RECORD, -1n, this.blames ? culprit : undefined)
    const offset = this.log.length
    this.log.push(...values)
    const memory = [...remembered, { sequence, count: values.length, offset, bytes }]
    this.#remembered.set(producerId, memory.slice(-REMEMBERED_BATCHES))
    return answered(0, BigInt(offset))
  }

  #repetition(again: Remembered, bytes: Buffer, values: readonly string[]): AppendAnswer {
    if (!bytes.equals(again.bytes)) this.silentLosses.push(...values)
    return answered(0, BigInt(again.offset))
  }
}

const answered = (error: number, baseOffset = -1n, recordIndex?: number): AppendAnswer => ({
  kind: 'answered',
  error,
  baseOffset,
  message: undefined,
  recordIndex,
})

const lost = (sent: boolean): AppendAnswer => ({ kind: 'lost', sent, code: 'TARGET_UNREACHABLE', because: 'gone' })
