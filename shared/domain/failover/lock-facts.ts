import { ReplicationError } from '../errors.ts'
import type { LinkStatus } from '../head.ts'
import type { AnyStep, StepRecord } from './failover-step.ts'

/** What the step `lock` found out for those after it. */
export interface LockFacts {
  /** To promote with. */
  readonly epoch: number
  /** What the forward link goes back to when the failover is undone. */
  readonly mode: Extract<LinkStatus['mode'], 'forwarding' | 'paused'>
}

/** Throws `STATE_MALFORMED` when the lock was not taken, or says something else. */
export const lockFacts = (before: ReadonlyMap<AnyStep, StepRecord>): LockFacts => {
  const facts = before.get('lock')
  const { epoch, mode } = facts?.data ?? {}
  if (facts?.outcome === 'done' && typeof epoch === 'number' && (mode === 'forwarding' || mode === 'paused'))
    return { epoch, mode }
  throw new ReplicationError('STATE_MALFORMED', 'reading what the step lock remembered: it tells no epoch and mode')
}
