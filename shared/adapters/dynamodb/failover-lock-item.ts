import type { LockHolder, PairLock } from '../../domain/failover/pair-lock.ts'
import { LOCK_KEY } from './failover-keys.ts'
import { type Item, integer, StoredItem, text } from './stored-item.ts'

/** `holder` absent: nobody has it any more, and what was reserved stays. */
export const lockItem = ({ holder, reserved }: PairLock): Item => ({
  pk: text(LOCK_KEY.pk),
  sk: text(LOCK_KEY.sk),
  reserved: integer(reserved),
  ...(holder && {
    by: text(holder.by),
    purpose: text(holder.purpose),
    phase: text(holder.phase),
    since: integer(holder.since),
  }),
})

export const parseLock = (item: Item | undefined): PairLock => {
  if (item === undefined) return { reserved: 0 }
  const stored = new StoredItem(item)
  const reserved = stored.number('reserved')
  return stored.has('by') ? { holder: holderIn(stored), reserved } : { reserved }
}

const holderIn = (stored: StoredItem): LockHolder => ({
  by: stored.text('by'),
  purpose: stored.oneOf('purpose', ['failover', 'drill']),
  phase: stored.oneOf('phase', ['acting', 'closing']),
  since: stored.number('since'),
})
