import type { PolledRecord } from '../../shared/domain/record.ts'
import { replicateBatches } from '../../shared/usecases/replication/replicate-batches.ts'
import type { ReplicateDeps } from '../../shared/usecases/replication/replicate-partition.ts'
import { instantSource, instantTarget } from './memory-logs.ts'

export const TOPIC = 'growth'
export const NO_DEADLINE = { at: Number.MAX_SAFE_INTEGER, signal: new AbortController().signal }

/** As a topic of one-record transactions has them: every second offset is a marker. */
const OFFSETS_PER_RECORD = 2

const recordAt = (index: number): PolledRecord => ({
  offset: index * OFFSETS_PER_RECORD,
  timestamp: 1_700_000_000_000 + index,
  key: null,
  value: 'dmFsdWU=',
  headers: [],
})

/** One partition whose every record is a run of its own, replicated by the real use case into the real state. */
export class TransactionalPartition {
  readonly partition: number
  runs = 0
  readonly #deps: ReplicateDeps

  constructor(partition: number, state: ReplicateDeps['state']) {
    this.partition = partition
    const target = instantTarget()
    this.#deps = {
      source: instantSource,
      target,
      state,
      quarantine: undefined,
      clock: Date,
      alarm: () => undefined,
      targetTopic: (name) => name,
      provenance: false,
    }
  }

  get nextSource(): number {
    return this.runs * OFFSETS_PER_RECORD
  }

  async replicate(count: number): Promise<void> {
    const [first, ...others] = Array.from({ length: count }, (_, at) => recordAt(this.runs + at))
    if (first === undefined) return
    const batch = { topic: TOPIC, partition: this.partition, records: [first, ...others] } as const
    const deadlines = { append: NO_DEADLINE, state: NO_DEADLINE }
    const [outcome] = await replicateBatches([batch], deadlines, this.#deps)
    if (outcome?.error !== undefined) throw outcome.error
    this.runs += count
  }

  /** At most as many records a batch as one invocation brings. */
  async growTo(runs: number, perBatch = 10_000): Promise<void> {
    while (this.runs < runs) await this.replicate(Math.min(perBatch, runs - this.runs))
  }
}
