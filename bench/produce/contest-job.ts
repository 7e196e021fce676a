import type { ReplicatorSpec } from '../replicator.ts'
import type { RecordShape } from './record-shape.ts'

/** What a contestant's process is told. */
export interface ContestJob {
  readonly contestant: string
  readonly bootstrapServers: readonly string[]
  /** Exists, empty, with this many partitions. */
  readonly topic: string
  readonly partitions: number
  readonly shape: RecordShape
  /** Sent before the measurement begins, so that compilers have done their work. */
  readonly warmUpBytes: number
  readonly bytes: number
  /** A fresh link from and to `topic` itself, whose checkpoints are its own. */
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
  /** What of the above went into turning the event's bytes into objects, where there is an event. */
  readonly parse?: { readonly seconds: number; readonly cpuSeconds: number }
}
