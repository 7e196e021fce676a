import type { PartitionId } from '../record.ts'
import type { Member } from './rack-survival.ts'

/** A partition and the brokers, by node, that it lives on. */
export interface PlacedPartition extends PartitionId {
  /** Absent in the middle of an election, or when nobody is left who may lead. */
  readonly leader?: number
  readonly replicas: readonly number[]
  readonly inSync: readonly number[]
}

export interface QuorumVoter {
  readonly node: number
  /** Whether it has followed the leader of the quorum lately. */
  readonly follows: boolean
}

/** The voters of the controllers' quorum, or why nobody can tell them. */
export type Quorum =
  | { readonly kind: 'told'; readonly voters: readonly QuorumVoter[] }
  | { readonly kind: 'untold'; readonly because: string }

/** Where a cluster has its replicas and its controllers now. */
export interface Layout {
  /** Those that are up. */
  readonly brokers: readonly Member[]
  readonly partitions: readonly PlacedPartition[]
  /** Topics that are there and could not be described, and why. */
  readonly undescribed: readonly string[]
  readonly quorum: Quorum
}
