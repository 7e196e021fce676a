/**
 * By partition, the offset from which on every record has a key: where the partition ended when its topic was first seen
 * compacted, since brokers refuse keyless records from then on. Partitions beyond the last came later, and have keys.
 */
export type KeyedFrom = readonly bigint[]

interface LogEdges {
  readonly logStart: bigint
  readonly logEnd: bigint
}

/** An empty partition has no past. */
export const keyedFrom = (partitions: readonly LogEdges[]): KeyedFrom =>
  partitions.map(({ logStart, logEnd }) => (logStart === logEnd ? 0n : logEnd))

/** `checkpoints`: by partition; absent: nothing of it is replicated yet. */
export const keylessIsBehind = (starts: KeyedFrom, checkpoints: readonly (bigint | undefined)[]): boolean =>
  starts.every((start, partition) => start <= (checkpoints[partition] ?? 0n))
