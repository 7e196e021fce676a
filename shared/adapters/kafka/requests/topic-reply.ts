/** How long the controller may wait until a change of topics is known to the brokers; less than we wait for its answer. */
export const CHANGE_WAIT_MS = 8_000

/** What a cluster answered about one topic. */
export interface TopicReply {
  readonly topic: string
  /** Kafka's error number. */
  readonly error: number
  /** Its own words, where it has some. */
  readonly because?: string | undefined
}

export interface TopicReplies {
  /** For how long the broker will not read from the connection. */
  readonly throttleMs: number
  readonly replies: readonly TopicReply[]
}
