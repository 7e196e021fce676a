/** How long to wait for one answer; the deadline of an append bounds all of them together. */
export interface KafkaTimeouts {
  readonly connectMs: number
  /** For each step of a login. */
  readonly loginMs: number
  /** For metadata, settings, offsets and producer ids, which a broker answers out of its memory. */
  readonly questionMs: number
  /** For questions about hundreds of topics, and for changes of topics, which the controllers write to their log first. */
  readonly bulkMs: number
  /** For a Produce request: a leader that hangs must be left while there is time to find the next one. */
  readonly produceMs: number
}

export const DEFAULT_TIMEOUTS: KafkaTimeouts = {
  connectMs: 3_000,
  loginMs: 5_000,
  questionMs: 4_000,
  bulkMs: 10_000,
  produceMs: 8_000,
}
