import type { AppendAnswer } from '../../domain/append-verdict.ts'
import { ReplicationError } from '../../domain/errors.ts'
import { partitionName } from '../../domain/record.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { NoAnswer } from './broker-connection.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { type PartitionBatchBytes, type ProduceResult, produceRequest } from './requests/produce-request.ts'

/** A request is sent without waiting for more once it has so much. */
const FULL_BYTES = 4 * 1024 * 1024
/** The leader answers that its followers are late a little before we stop listening. */
const ANSWER_MARGIN_MS = 500

interface Parcel extends PartitionBatchBytes {
  readonly deadline: Deadline
  readonly answered: (answer: AppendAnswer) => void
}

interface Waiting {
  readonly parcels: Parcel[]
  bytes: number
}

/** What waits to be sent to each leader: the batches of one tick leave together, and no leader waits for another. */
export class LeaderOutbox {
  readonly #cluster: KafkaCluster
  readonly #timeoutMs: number
  readonly #transactionalId: string | undefined
  readonly #waiting = new Map<number, Waiting>()

  constructor(cluster: KafkaCluster, timeoutMs: number, transactionalId?: string) {
    this.#cluster = cluster
    this.#timeoutMs = timeoutMs
    this.#transactionalId = transactionalId
  }

  /** Batches of one partition leave in the order of the calls. Never rejects. */
  send(leader: number, batch: PartitionBatchBytes, deadline: Deadline): Promise<AppendAnswer> {
    return new Promise((answered) => {
      const waiting = this.#waiting.get(leader) ?? this.#open(leader)
      waiting.parcels.push({ ...batch, deadline, answered })
      waiting.bytes += batch.bytes.length
      if (waiting.bytes >= FULL_BYTES) this.#flush(leader)
    })
  }

  #open(leader: number): Waiting {
    const waiting = { parcels: [], bytes: 0 }
    this.#waiting.set(leader, waiting)
    setImmediate(() => this.#flush(leader))
    return waiting
  }

  #flush(leader: number): void {
    const { parcels } = this.#waiting.get(leader) ?? { parcels: [] }
    this.#waiting.delete(leader)
    for (const round of rounds(parcels)) void this.#deliver(leader, round)
  }

  async #deliver(leader: number, parcels: readonly Parcel[]): Promise<void> {
    const signals = [...new Set(parcels.map(({ deadline }) => deadline.signal))]
    try {
      const connection = await this.#cluster.node(leader, signals)
      const request = produceRequest(parcels, this.#waitForFollowersMs(parcels), this.#transactionalId)
      const { results, throttleMs } = await connection.request(request, { timeoutMs: this.#timeoutMs, signals })
      if (throttleMs > 0) connection.mute(throttleMs)
      const byName = new Map(results.map((result) => [partitionName(result), result]))
      for (const parcel of parcels) parcel.answered(answerFrom(byName.get(partitionName(parcel))))
    } catch (error) {
      for (const { answered } of parcels) answered(lost(error))
    }
  }

  #waitForFollowersMs(parcels: readonly Parcel[]): number {
    const left = Math.min(...parcels.map(({ deadline }) => deadline.at - Date.now()), this.#timeoutMs)
    return Math.max(1, Math.floor(left - ANSWER_MARGIN_MS))
  }
}

/** One request holds a partition once, so a partition's second batch goes into the second request. */
const rounds = (parcels: readonly Parcel[]): Parcel[][] => {
  const seen = new Map<string, number>()
  const requests: Parcel[][] = []
  for (const parcel of parcels) {
    const name = partitionName(parcel)
    const round = seen.get(name) ?? 0
    seen.set(name, round + 1)
    const request = requests[round]
    if (request === undefined) requests.push([parcel])
    else request.push(parcel)
  }
  return requests
}

const answerFrom = (result: ProduceResult | undefined): AppendAnswer => {
  if (result === undefined) return lost(new NoAnswer('the answer does not mention the partition', true))
  const { error, baseOffset, message, blamed } = result
  const recordIndex = blamed.length === 0 ? undefined : Math.min(...blamed)
  return { kind: 'answered', error, baseOffset, message, recordIndex }
}

/** A connection that could not be opened sent nothing; anything else unexpected is taken for the worst. */
const lost = (error: unknown): AppendAnswer => {
  const because = error instanceof Error ? error.message : String(error)
  if (error instanceof ReplicationError) return { kind: 'lost', sent: false, code: error.code, because }
  return { kind: 'lost', sent: !(error instanceof NoAnswer) || error.sent, code: 'TARGET_UNREACHABLE', because }
}
