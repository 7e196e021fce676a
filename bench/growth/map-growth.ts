import { gapLedger } from '../../shared/adapters/dynamodb/gap-ledger.ts'
import { linkState } from '../../shared/adapters/dynamodb/link-state.ts'
import { LinkTable } from '../../shared/adapters/dynamodb/link-table.ts'
import { offsetMapPages } from '../../shared/adapters/dynamodb/offset-map-pages.ts'
import { translateCommitted } from '../../shared/usecases/offset-map/translate.ts'
import { headIn } from '../../shared/usecases/snapshot-head.ts'
import type { DynamoDbLocal } from '../dynamodb-local.ts'
import { type Sample, sampleOf } from '../spread.ts'
import { type CountingClient, countingClient, countOf, READS, WRITES } from './counting-client.ts'
import { INCARNATION } from './memory-logs.ts'
import { NO_DEADLINE, TOPIC, TransactionalPartition } from './transactional-partition.ts'

const wholeState = (table: LinkTable) => ({ ...linkState(table), ...offsetMapPages(table), ...gapLedger(table) })

/** What a partition costs whose map already holds so many runs. */
export interface MapCosts {
  readonly runs: number
  readonly batchMs: Sample
  readonly writesPerBatch: number
  readonly translationMs: Sample
  readonly readsPerTranslation: Sample
}

export interface WriteCosts {
  readonly recordsPerBatch: number
  readonly batches: number
  readonly writesPerBatch: number
  /** How many runs a page took when it was sealed. */
  readonly runsPerPage: number
}

const RECORDS_PER_BATCH = 10

/** Writes of a partition over many batches, when every second offset is a hole. */
export const measureWrites = async (
  state: DynamoDbLocal,
  table: string,
  recordsPerBatch: number,
  batches: number,
): Promise<WriteCosts> => {
  await state.createTable(table)
  const counting = countingClient(state)
  const partition = new TransactionalPartition(0, wholeState(new LinkTable({ client: counting.client, name: table })))
  for (let batch = 0; batch < batches; batch++) await partition.replicate(recordsPerBatch)
  const writes = countOf(counting.take(), WRITES)
  counting.client.destroy()
  return {
    recordsPerBatch,
    batches,
    writesPerBatch: writes / batches,
    runsPerPage: partition.runs / Math.max(1, writes - batches),
  }
}

class GrownPartition {
  readonly runs: number
  readonly batchMs: number[] = []
  readonly translationMs: number[] = []
  readonly reads: number[] = []
  writes = 0
  readonly #table: LinkTable
  readonly #counting: CountingClient
  readonly #partition: TransactionalPartition

  constructor(runs: number, number: number, name: string, counting: CountingClient) {
    this.runs = runs
    this.#counting = counting
    this.#table = new LinkTable({ client: counting.client, name })
    this.#partition = new TransactionalPartition(number, wholeState(this.#table))
  }

  /** The last, large batch leaves all of its runs in the head; one more seals them, which is not what a batch costs. */
  async grow(): Promise<void> {
    await this.#partition.growTo(this.runs)
    await this.#partition.replicate(RECORDS_PER_BATCH)
  }

  async batch(): Promise<void> {
    this.#counting.take()
    const began = performance.now()
    await this.#partition.replicate(RECORDS_PER_BATCH)
    this.batchMs.push(performance.now() - began)
    this.writes += countOf(this.#counting.take(), WRITES)
  }

  /** `share` of the way through the source offsets of the map; reading the head is counted. */
  async translate(share: number): Promise<void> {
    this.#counting.take()
    const began = performance.now()
    const partition = { topic: TOPIC, partition: this.#partition.partition }
    const snapshot = await linkState(this.#table).read([partition], NO_DEADLINE)
    const map = { partition, head: headIn(snapshot, partition), pages: offsetMapPages(this.#table) }
    const committed = { incarnation: INCARNATION, offset: BigInt(Math.floor(share * this.#partition.nextSource)) }
    const position = await translateCommitted(map, committed, NO_DEADLINE)
    this.translationMs.push(performance.now() - began)
    this.reads.push(countOf(this.#counting.take(), READS))
    const expected = (committed.offset + 1n) / 2n
    if (position.kind !== 'exact' || position.target !== expected)
      throw new Error(`translating ${committed.offset} of ${this.runs} runs: ${position.kind}, expected ${expected}`)
  }
}

/** All sizes in turn, so that a slow moment of the machine does not fall on one of them alone. */
export const measureMap = async (
  state: DynamoDbLocal,
  sizes: readonly number[],
  rounds: number,
  say: (line: string) => void,
): Promise<MapCosts[]> => {
  const table = 'bench-map'
  await state.createTable(table)
  const counting = countingClient(state)
  const grown = sizes.map((runs, number) => new GrownPartition(runs, number, table, counting))
  for (const partition of grown) {
    await partition.grow()
    say(`growth: a map of ${partition.runs.toLocaleString('en-US')} runs is written`)
  }
  for (let round = 0; round < rounds; round++) {
    for (const partition of grown) {
      await partition.translate(round / rounds)
      await partition.batch()
    }
  }
  counting.client.destroy()
  return grown.map(({ runs, batchMs, writes, translationMs, reads }) => ({
    runs,
    batchMs: sampleOf(batchMs),
    writesPerBatch: writes / rounds,
    translationMs: sampleOf(translationMs),
    readsPerTranslation: sampleOf(reads),
  }))
}
