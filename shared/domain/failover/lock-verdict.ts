import type { FailoverInput } from './failover-input.ts'
import type { LockHolder, PairLock } from './pair-lock.ts'

/** `ask`: only whether the execution that has it still runs tells whether it may be taken. */
export type LockVerdict =
  | { readonly kind: 'take' | 'ours' }
  | { readonly kind: 'ask' | 'closing'; readonly holder: LockHolder }

/** Whether an execution may take the lock: a drill gives way to whoever is no drill. */
export const lockVerdict = ({ holder }: PairLock, claim: Pick<LockHolder, 'by' | 'purpose'>): LockVerdict => {
  if (holder === undefined) return { kind: 'take' }
  if (holder.by === claim.by) return holder.phase === 'closing' ? { kind: 'closing', holder } : { kind: 'ours' }
  if (holder.purpose === 'drill' && claim.purpose === 'failover') return { kind: 'take' }
  return { kind: 'ask', holder }
}

/** When it cannot be asked whether the holder still runs: its region may be the one that is gone. */
export const mayTakeUnheard = ({ mode, force }: Pick<FailoverInput, 'mode' | 'force'>): boolean =>
  mode === 'unplanned' && force
