import type { Run } from './run.ts'

/** The newest record that is known to be on the target; tells a redelivery from another incarnation of the topic. */
export interface LastRecord {
  readonly source: bigint
  /** A hash of all of the record's bytes, see `fingerprint.ts`. */
  readonly fingerprint: string
  /** Milliseconds since 1970. */
  readonly timestamp: number
}

/** What is remembered of one replicated partition: its checkpoint, and the newest runs of its offset map. */
export interface Head {
  /** Kafka's topic id of the source topic (22 base64url characters). */
  readonly incarnation: string
  /** The checkpoint: the next source offset to replicate. */
  readonly nextSource: bigint
  /** The target offset after the last replicated record; a higher base offset means records that no run covers. */
  readonly nextTarget: bigint
  /** The runs that are not sealed into a page yet, oldest first; the last one may still grow. */
  readonly openRuns: readonly Run[]
  readonly last: LastRecord | undefined
  /** Holes from this source offset on were not yet read to confirm that no record is in them; undefined: none. */
  readonly unverifiedFrom: bigint | undefined
  /**
   * Where the target appended although its records went up to `nextTarget`: it lost acknowledged records, or is another
   * topic of that name. The partition stands still until an operator has looked.
   */
  readonly rewoundTo?: bigint
  /**
   * The target was emptied to be filled again from here: records below this source offset go there although they came from
   * there. Gone once the checkpoint has passed it.
   */
  readonly refillBelow?: bigint
  /** The link's epoch when this was written. */
  readonly epoch: number
  /** Milliseconds since 1970. */
  readonly updatedAt: number
}

/** Up to which source offset (exclusive) all holes of one life were read. */
export interface ConfirmedHoles {
  readonly incarnation: string
  readonly to: bigint
}

/** The head, without the holes that were confirmed. */
export const stillUnread = (head: Head, confirmed: ConfirmedHoles | undefined): Head => {
  const { incarnation, unverifiedFrom, nextSource } = head
  if (unverifiedFrom === undefined || confirmed?.incarnation !== incarnation) return head
  if (confirmed.to <= unverifiedFrom) return head
  return { ...head, unverifiedFrom: confirmed.to >= nextSource ? undefined : confirmed.to }
}

/**
 * A stretch of closed runs, moved out of the head; `runs` is never empty. `followedBy` is where the map goes on, so that a
 * position in the hole after the page needs no second read, and a missing page is noticed.
 */
export interface Page {
  readonly incarnation: string
  readonly runs: readonly [Run, ...Run[]]
  readonly followedBy: {
    /** Where the next run starts. */
    readonly source: bigint
    /** Where the next run that takes a place on the target starts; absent: only looped runs were known to follow. */
    readonly target?: bigint
  }
}

export type GapKind = 'lost' | 'quarantined' | 'filtered' | 'looped'

/** Source offsets `from` (inclusive) to `to` (exclusive) that never reached the target, and why. */
export interface Gap {
  readonly incarnation: string
  readonly from: bigint
  readonly to: bigint
  readonly kind: GapKind
  /** For people: what was found out, without payloads. */
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** Where the bytes are kept, when quarantined. */
  readonly storedAt?: string
  /** When an operator put the record back, milliseconds since 1970. */
  readonly replayedAt?: number
}

/** `paused`: by an operator, who alone resumes it; `draining` and `stopped`: by a failover, which alone goes on. */
export const LINK_MODES = ['forwarding', 'paused', 'draining', 'stopped'] as const

/** What a link may do now. `epoch` goes up with every change of roles. */
export interface LinkStatus {
  readonly mode: (typeof LINK_MODES)[number]
  readonly role: 'active' | 'standby'
  readonly epoch: number
}

/**
 * Whether nothing is due on the link until a failover turns it around, since its target is what applications write to. A
 * failover that was given up after it had stopped the link leaves a `standby`, which is not at rest: its records wait.
 */
export const isAtRest = ({ mode, role }: Pick<LinkStatus, 'mode' | 'role'>): boolean =>
  mode === 'stopped' && role === 'active'

/** The status of a link that nobody has changed since it was deployed. */
export const INITIAL_STATUS: LinkStatus = { mode: 'forwarding', role: 'standby', epoch: 0 }

/** The same, by how the link begins: what waits for a failover leads to the cluster that is active. */
export const initialStatus = (mode: 'forwarding' | 'stopped'): LinkStatus =>
  mode === 'forwarding' ? INITIAL_STATUS : { mode, role: 'active', epoch: 0 }
