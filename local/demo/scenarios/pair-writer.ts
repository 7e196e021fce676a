import { setTimeout as pause } from 'node:timers/promises'
import type { ClusterAccess } from '../../check/broker-connections.ts'
import { bulkRecordMaker, type CorpusRecord } from '../../corpus/corpus-records.ts'
import { AppendRefused, RecordAppender } from '../../corpus/record-appender.ts'
import type { LocalTopic } from '../../kafka/local-topics.ts'
import type { AcknowledgedWrites } from './acknowledged-writes.ts'
import type { ClientTroubles } from './client-troubles.ts'
import type { PairPointer } from './pair-pointer.ts'

export interface PairWriterOptions {
  readonly clusters: ReadonlyMap<string, ClusterAccess>
  /** Where may be written to now. */
  readonly where: () => readonly WritePlace[]
  readonly topic: LocalTopic
  readonly seed: number
  readonly ledger: AcknowledgedWrites
  readonly troubles: ClientTroubles
}

/** A cluster, and as of which epoch; absent: whoever writes there has not asked whether he may. */
export interface WritePlace {
  readonly cluster: string
  readonly epoch?: number
}

/** Who obeys the pointer. */
export const obeying = (pointer: PairPointer) => (): readonly WritePlace[] => {
  const { cluster, epoch, mayWrite } = pointer.now
  return mayWrite ? [{ cluster, epoch }] : []
}

const RECORDS_PER_BATCH = 5
const SIZE_BYTES = 100
const BATCH_EVERY_MS = 40
const LOOK_EVERY_MS = 10

/** A producer that writes without an end, and notes all that was acknowledged. What it may not write is not written. */
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
    const { where, topic } = this.#options
    for (let batch = 0; this.#open; ) {
      const places = where()
      for (const place of places) await this.#append(place, batch++ % topic.partitions)
      await pause(places.length === 0 ? LOOK_EVERY_MS : BATCH_EVERY_MS)
    }
  }

  async #append({ cluster, epoch }: WritePlace, partition: number): Promise<void> {
    const { topic, ledger, troubles } = this.#options
    const records = Array.from({ length: RECORDS_PER_BATCH }, () => ({ ...this.#make(), timestamp: Date.now() }))
    const ids = records.map(({ key }) => key?.toString() ?? '')
    const sentAt = performance.now()
    try {
      const offset = await this.#appenders.get(cluster)?.append(topic.name, partition, records, 'none')
      if (offset === undefined) throw new RangeError(`writing to ${cluster}: the world has no such cluster`)
      const batch = { topic: topic.name, partition, cluster, ids, offset, sentAt, acknowledgedAt: performance.now() }
      ledger.batches.push({ ...batch, ...(epoch !== undefined && { epoch }) })
    } catch (error) {
      if (error instanceof AppendRefused && error.isDenied) ledger.denied.push({ cluster, at: performance.now() })
      else if (error instanceof AppendRefused || error instanceof RangeError) throw error
      else {
        for (const id of ids) ledger.doubtful.add(id)
        await troubles.note(`writing to ${cluster}`, error)
      }
    }
  }
}
