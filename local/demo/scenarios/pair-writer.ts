import { setTimeout as pause } from 'node:timers/promises'
import { bulkRecordMaker, type CorpusRecord } from '../../corpus/corpus-records.ts'
import { RecordAppender } from '../../corpus/record-appender.ts'
import type { LocalCluster } from '../../kafka/cluster.ts'
import type { LocalTopic } from '../../kafka/local-topics.ts'
import type { AcknowledgedWrites } from './acknowledged-writes.ts'
import type { PairPointer, Pointed } from './pair-pointer.ts'

export interface PairWriterOptions {
  readonly clusters: ReadonlyMap<string, LocalCluster>
  readonly pointer: PairPointer
  readonly topic: LocalTopic
  readonly seed: number
  readonly ledger: AcknowledgedWrites
}

const RECORDS_PER_BATCH = 5
const SIZE_BYTES = 100
const BATCH_EVERY_MS = 40
const LOOK_EVERY_MS = 10

/** A producer that writes where the pointer says, whenever it may, and notes all that was acknowledged. */
export class PairWriter {
  readonly #options: PairWriterOptions
  readonly #appenders: ReadonlyMap<string, RecordAppender>
  readonly #make: () => Omit<CorpusRecord, 'timestamp'>
  readonly #writing: Promise<void>
  #open = true

  constructor(options: PairWriterOptions) {
    this.#options = options
    this.#appenders = new Map([...options.clusters].map(([name, cluster]) => [name, new RecordAppender(cluster)]))
    this.#make = bulkRecordMaker(options.seed, SIZE_BYTES)
    this.#writing = this.#write()
    this.#writing.catch(() => undefined) // whoever stops it is told
  }

  /** Resolves when nothing is under way any more; throws when a record was refused. */
  async stop(): Promise<void> {
    this.#open = false
    await this.#writing.finally(() => Promise.all([...this.#appenders.values()].map((one) => one.close())))
  }

  async #write(): Promise<void> {
    const { pointer, topic } = this.#options
    for (let batch = 0; this.#open; ) {
      const pointed = pointer.now
      if (!pointed.mayWrite) await pause(LOOK_EVERY_MS)
      else {
        await this.#append(pointed, batch++ % topic.partitions)
        await pause(BATCH_EVERY_MS)
      }
    }
  }

  async #append({ cluster, epoch }: Pointed, partition: number): Promise<void> {
    const { topic, ledger } = this.#options
    const records = Array.from({ length: RECORDS_PER_BATCH }, () => ({ ...this.#make(), timestamp: Date.now() }))
    const ids = records.map(({ key }) => key?.toString() ?? '')
    const sentAt = performance.now()
    await this.#appenders.get(cluster)?.append(topic.name, partition, records, 'none')
    ledger.batches.push({ cluster, epoch, ids, sentAt, acknowledgedAt: performance.now() })
  }
}
