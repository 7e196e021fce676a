/** Bytes as they lie in the log; a null value is not an empty one. */
export interface LogHeader {
  readonly name: Uint8Array
  readonly value: Uint8Array | null
}

/** A record as it lies in the log of a broker. */
export interface LogRecord {
  readonly offset: bigint
  /** Milliseconds since 1970. */
  readonly timestamp: number
  /** Null and no bytes are not the same, and so for values. */
  readonly key: Uint8Array | null
  /** `null`: a tombstone. */
  readonly value: Uint8Array | null
  readonly headers: readonly LogHeader[]
  /** Its topic has the broker set the timestamp, whatever the producer said (`LogAppendTime`). */
  readonly timestampIsBrokers?: true
  /** Of a transaction that was aborted; see `Isolation`. */
  readonly aborted?: true
}

/** Source or target offsets `from` (inclusive) to `to` (exclusive) that are taken, and by no record that a reader sees. */
export interface RecordlessStretch {
  readonly from: bigint
  readonly to: bigint
  /** `aborted`: records of a transaction that was aborted; told to readers of committed records alone. */
  readonly kind: 'marker' | 'aborted'
}

/** A stretch of a log. Offsets from where it was read up to `next` that are in neither list were compacted. */
export interface LogContent {
  /** Ascending; none is below the offset that was asked for. */
  readonly records: readonly LogRecord[]
  /** Ascending. */
  readonly recordless: readonly RecordlessStretch[]
  /** Where to read on: the offset after what was read, or the one that was asked for when nothing was. */
  readonly next: bigint
}
