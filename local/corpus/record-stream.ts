import { setTimeout as pause } from 'node:timers/promises'
import type { ClusterAccess } from '../check/broker-connections.ts'
import type { LogHeader } from '../check/record-batch-reader.ts'
import { bulkRecordMaker, type CorpusRecord } from './corpus-records.ts'
import { RecordAppender } from './record-appender.ts'

export interface StreamOptions {
  readonly topic: string
  /** Each gets a batch in turn. */
  readonly partitions: readonly number[]
  readonly seed: number
  /** @default 20 */
  readonly batchesPerSecond?: number
  /** @default 5 */
  readonly recordsPerBatch?: number
  /** @default 100 */
  readonly sizeBytes?: number
  readonly headers?: readonly LogHeader[]
}

/** Records that keep coming. */
export interface RecordStream {
  readonly written: number
  /** Rejects when a record is refused. */
  readonly ended: Promise<void>
  /** Resolves when nothing is under way any more; throws when a record is refused. */
  stop(): Promise<void>
}

/** Appends batches to a topic at a steady pace. */
export const startStream = (access: ClusterAccess, options: StreamOptions): RecordStream => {
  const { topic, partitions, seed, batchesPerSecond = 20, recordsPerBatch = 5, sizeBytes = 100, headers = [] } = options
  const appender = new RecordAppender(access)
  const make = bulkRecordMaker(seed, sizeBytes)
  let written = 0
  let open = true
  const nextRecord = (): CorpusRecord => ({ ...make(), headers, timestamp: Date.now() })
  const nextBatch = (): CorpusRecord[] => Array.from({ length: recordsPerBatch }, nextRecord)
  const run = async (): Promise<void> => {
    const began = performance.now()
    for (let batch = 0; open; batch++) {
      const partition = partitions[batch % partitions.length] ?? 0
      await appender.append(topic, partition, nextBatch(), 'none')
      written += recordsPerBatch
      await pause(Math.max(0, began + ((batch + 1) * 1000) / batchesPerSecond - performance.now()))
    }
  }
  const running = run()
  running.catch(() => undefined) // whoever stops it is told
  return {
    ended: running,
    get written() {
      return written
    },
    async stop() {
      open = false
      await running.finally(() => appender.close())
    },
  }
}
