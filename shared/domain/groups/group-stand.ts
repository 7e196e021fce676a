import type { ReplicationError } from '../errors.ts'
import type { CommittedOffset } from './group-facts.ts'
import type { Origin } from './group-record.ts'

/** What a cluster says of one partition of a group; what it says nothing of was never committed. */
export type Standing =
  | ({ readonly kind: 'committed' } & CommittedOffset)
  | { readonly kind: 'unstable' }
  | { readonly kind: 'failed'; readonly error: ReplicationError }

/** How a position was translated. */
export type BoundKind = 'exact' | 'ahead' | 'before-start'

/**
 * How far one map lets a group go on the target: to the first of the records that the map knows and the group has not
 * read. `none`: the map has no such records at all, so that it alone tells nothing.
 *
 * `after`: right after the last record of the map that the group has read. A record that was written on the target came to
 * the source before whatever follows it there, so that nothing unread of the same log lies before `after`.
 *
 * `passed`: the group has read all records of the map, and the map does not grow, since a failover has stopped its link. So
 * it holds the group back nowhere.
 */
export type Bound =
  | { readonly kind: BoundKind; readonly target: bigint; readonly by?: bigint; readonly after?: bigint }
  | { readonly kind: 'none' }
  | { readonly kind: 'passed'; readonly after?: bigint }
  | { readonly kind: 'unmapped' | 'failed'; readonly detail: string }

/** What a group committed for one partition of the source. */
export interface Stand {
  readonly group: string
  readonly partition: number
  readonly origin: Origin
  readonly standing: Standing
  /** A link the other way put it there. */
  readonly echo: boolean
  readonly leads: readonly Lead[]
}

/** Where a stand leads by one way; several ways may lead to one topic. */
export interface Lead {
  readonly targetTopic: string
  readonly bound: Bound
}

/** A stand and one of its leads. */
export interface Lane {
  readonly stand: Stand
  readonly lead: Lead
}
