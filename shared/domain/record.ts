/** One partition of one topic. On both sides of a link the partition number is the same. */
export interface PartitionId {
  readonly topic: string
  readonly partition: number
}

/** `<topic>-<partition>`, for messages and map keys; never parsed, since topic names contain `-`. */
export const partitionName = ({ topic, partition }: PartitionId): string => `${topic}-${partition}`

/** A header as the poller brings it: bytes are signed (-128..127), as Java has them; `null` is Kafka's null value. */
export interface PolledHeader {
  readonly name: string
  readonly value: readonly number[] | null
}

/**
 * A record as Lambda's poller brings it. Bytes stay in base64 until they are decoded straight into the batch that goes
 * to the target. `offset` and `timestamp` are JSON numbers, checked to be safe integers at the boundary.
 */
export interface PolledRecord {
  readonly offset: number
  /** Milliseconds since 1970, may be negative. */
  readonly timestamp: number
  /** Base64; `null` is a null key, `''` is a key of no bytes. */
  readonly key: string | null
  /** Base64; `null` is a tombstone, `''` is a value of no bytes. */
  readonly value: string | null
  readonly headers: readonly PolledHeader[]
}

/** The records of one partition in one invocation; offsets ascend strictly and there is at least one record. */
export interface PartitionBatch extends PartitionId {
  readonly records: readonly [PolledRecord, ...PolledRecord[]]
}

/** For messages: which batch, without what is in it. */
export const batchName = (batch: PartitionBatch): string => {
  const { offset: first } = batch.records[0]
  return `${partitionName(batch)}, source offsets ${first} to ${batch.records.at(-1)?.offset ?? first}`
}
