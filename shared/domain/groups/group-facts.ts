/** `classic`: of the protocol that kafkajs and old clients speak; `consumer`: of KIP-848; `share`: of KIP-932, without positions. */
export type GroupKind = 'classic' | 'consumer' | 'streams' | 'share'

/**
 * `live`: it has members, or is on its way to have them. `empty`: it has none. Whoever reads partitions that it assigned
 * to itself is no member of any group.
 */
export type GroupLife = 'live' | 'empty'

export interface ListedGroup {
  readonly group: string
  readonly life: GroupLife
  /** Absent where the brokers are too old to tell. */
  readonly kind?: GroupKind
}

/** What a group committed for one partition: where it resumes. */
export interface CommittedOffset {
  readonly offset: bigint
  /** Of the record before it, on the cluster where it was committed; absent where the client did not say. */
  readonly leaderEpoch?: number
  /** As the client wrote it, often empty. */
  readonly metadata: string
}
