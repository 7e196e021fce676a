import type { LinkStatus } from '../head.ts'

/** What the two tables of a pair say; each speaks of the target of its own link. */
export interface PairRoles {
  /** Of the link along which somebody wants to fail over. */
  readonly forward: LinkStatus
  /** Of the link the other way; absent: there is none, or its region could not be asked. */
  readonly reverse?: LinkStatus
}

/** Which side applications write to, the higher epoch being right. `initially`: when nobody has ever failed over. */
export const activeSide = ({ forward, reverse }: PairRoles, initially: 'from' | 'to'): 'from' | 'to' => {
  const toSince = forward.role === 'active' ? forward.epoch : undefined
  const fromSince = reverse?.role === 'active' ? reverse.epoch : undefined
  if (toSince === undefined && fromSince === undefined) return forward.epoch === 0 ? initially : 'from'
  if (fromSince === undefined) return 'to'
  return toSince !== undefined && toSince >= fromSince ? 'to' : 'from'
}

/**
 * What a side has to become that has missed a promotion of the other one; absent: it has missed none. It stays as it is
 * otherwise: what does not forward goes on only where a failover says from which offsets.
 */
export const stoodDown = (own: LinkStatus, other: LinkStatus | undefined): LinkStatus | undefined =>
  other !== undefined && other.role === 'active' && other.epoch > own.epoch
    ? { mode: own.mode, role: 'standby', epoch: other.epoch }
    : undefined

/**
 * The epoch to promote with: one above every promotion. `reserved`: what the lock says, where a side cannot be asked that
 * may have been promoted since: whoever promotes in either direction takes the lock on both sides first.
 */
export const nextEpoch = ({ forward, reverse }: PairRoles, reserved = 0): number =>
  Math.max(forward.epoch, reverse?.epoch ?? 0, reserved) + 1

/** Nothing is forwarded, and the target is what applications write to: the one write that cannot be taken back. */
export const promoted = (epoch: number): LinkStatus => ({ mode: 'stopped', role: 'active', epoch })

/** The link that now leads to the standby. */
export const reversed = (epoch: number): LinkStatus => ({ mode: 'forwarding', role: 'standby', epoch })
