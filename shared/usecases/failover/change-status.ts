import type { LockPhase } from '../../domain/failover/pair-lock.ts'
import type { LinkStatus } from '../../domain/head.ts'
import type { Deadline } from '../ports.ts'
import type { PairState } from './failover-ports.ts'

/** What the status is to become: it is so already, it may not become so, or another one. */
export type StatusVerdict =
  | { readonly kind: 'is-so' }
  | { readonly kind: 'refused'; readonly because: string }
  | { readonly kind: 'change'; readonly to: LinkStatus }

export type StatusOutcome =
  | { readonly kind: 'is-so' | 'changed' }
  | { readonly kind: 'again' | 'refused'; readonly because: string }

/** An operator may pause the link meanwhile, and sync-topics writes as well. */
const ATTEMPTS = 5

/** Decides by what is stored, and writes on the condition that it still is, and that the lock is ours. */
export const changeStatus = async (
  pair: PairState,
  held: { readonly by: string; readonly phase: LockPhase },
  decide: (now: LinkStatus) => StatusVerdict,
  deadline: Deadline,
): Promise<StatusOutcome> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { status } = await pair.read(deadline)
    const verdict = decide(status)
    if (verdict.kind !== 'change') return verdict
    const outcome = await pair.setStatus(held, status, verdict.to, deadline)
    if (outcome === 'changed') return { kind: 'changed' }
    if (outcome === 'not-held') return { kind: 'refused', because: 'the lock of the pair is not ours any more' }
  }
  return { kind: 'again', because: 'the status of the link was changed meanwhile, again and again' }
}
