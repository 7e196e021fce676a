import type { ReplicatorSpec } from '../replicator.ts'
import type { RecordShape } from './record-shape.ts'

/** What a contestant's process is told. */
export interface ContestJob {
  readonly client: string
  /** Events, or sends, under way at the same time. */
  readonly atOnce: number
  /** Whether it begins at the bytes of the event, or with what it made of them before. */
  readonly fromEvent: boolean
  readonly bootstrapServers: readonly string[]
  /** Exist, empty, with this many partitions each; one for each event that is under way at the same time. */
  readonly topics: readonly [string, ...string[]]
  readonly partitions: number
  readonly shape: RecordShape
  /** Sent before the measurement begins, so that compilers have done their work. */
  readonly warmUpBytes: number
  readonly bytes: number
  /** A fresh link from and to the topics themselves, whose checkpoints are its own. */
  readonly replicator: ReplicatorSpec
}

/** What a contestant used for the measured part; bytes are those of record values. */
export interface ContestFigures {
  readonly bytes: number
  readonly records: number
  readonly seconds: number
  readonly cpuSeconds: number
  /** Of the whole life of the process. */
  readonly peakMemoryBytes: number
  /** What of the above went into turning the bytes of events into objects, where somebody does. */
  readonly parse?: { readonly seconds: number; readonly cpuSeconds: number }
}
