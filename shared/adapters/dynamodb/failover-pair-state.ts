import { isDeepStrictEqual } from 'node:util'
import type { LockHolder, LockPhase, PairLock } from '../../domain/failover/pair-lock.ts'
import type { LinkStatus } from '../../domain/head.ts'
import type { LockClaim, PairSnapshot, PairState, RoleChange } from '../../usecases/failover/failover-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { LOCK_KEY } from './failover-keys.ts'
import { lockItem, parseLock } from './failover-lock-item.ts'
import { STATUS_KEY } from './item-keys.ts'
import type { Condition, Guard, LinkTable } from './link-table.ts'
import { parseStatus, statusItem } from './status-item.ts'
import { type Item, integer, text } from './stored-item.ts'

const nobodyHasIt = 'attribute_not_exists(#by)'
const itIsOurs = '#by = :by'
const itIsInThatPhase = '#phase = :phase'
const whoeverHadItStillHasIt = '(#by = :hadBy AND #phase = :hadPhase)'
const nobodyChangedItYet = 'attribute_not_exists(#pk)'
const statusIsWhatWasRead = '(#mode = :mode AND #role = :role AND #epoch = :epoch)'

/** Roles and lock in the table of one link; `initial`: its status before anybody has changed it. */
export const failoverPairState = (table: LinkTable, initial: LinkStatus): PairState => ({
  read: (deadline) => read(table, initial, deadline),
  acquire: (claim, deadline) => acquire(table, claim, deadline),
  close: (by, deadline) => close(table, by, deadline),
  release: (by, deadline, reserved) => release(table, by, reserved, deadline),
  setStatus: (held, from, to, deadline) => setStatus(table, { initial, held, from, to }, deadline),
  standDown: (from, to, deadline) => standDown(table, { initial, from, to }, deadline),
})

const read = async (table: LinkTable, initial: LinkStatus, deadline: Deadline): Promise<PairSnapshot> => {
  const doing = `reading the roles and the lock in ${table.name}`
  const items = await table.getAll([STATUS_KEY, LOCK_KEY], doing, deadline)
  const status = items.find(({ pk }) => pk?.S === STATUS_KEY.pk)
  const lock = items.find(({ pk }) => pk?.S === LOCK_KEY.pk)
  return { status: status === undefined ? initial : parseStatus(status), lock: parseLock(lock) }
}

const isSameHolder = (one: LockHolder | undefined, other: LockHolder): boolean =>
  one?.by === other.by && one.phase === other.phase

const acquire = async (
  table: LinkTable,
  { holder, epoch, from }: LockClaim,
  deadline: Deadline,
): Promise<'acquired' | 'moved'> => {
  const reserved = Math.max(epoch, from.reserved)
  const doing = `taking the lock of the pair in ${table.name}`
  const outcome = await table.put(lockItem({ holder, reserved }), isAsItWasRead(from), doing, deadline)
  if (outcome.written) return 'acquired'
  return isSameHolder(parseLock(outcome.stored).holder, holder) ? 'acquired' : 'moved'
}

const isAsItWasRead = ({ holder, reserved }: PairLock): Condition => {
  const untouched = reserved === 0 ? 'attribute_not_exists(#reserved) OR ' : ''
  const nothingMoreIsReserved = `(${untouched}#reserved = :reserved)`
  const values = { ':reserved': integer(reserved) }
  if (holder === undefined) return { where: `${nobodyHasIt} AND ${nothingMoreIsReserved}`, values }
  const had = { ':hadBy': text(holder.by), ':hadPhase': text(holder.phase) }
  return { where: `${whoeverHadItStillHasIt} AND ${nothingMoreIsReserved}`, values: { ...values, ...had } }
}

const close = async (table: LinkTable, by: string, deadline: Deadline): Promise<'closing' | 'not-held'> => {
  const condition = { where: itIsOurs, values: { ':by': text(by), ':closing': text('closing') } }
  const doing = `closing the lock of the pair in ${table.name}`
  return (await table.set(LOCK_KEY, '#phase = :closing', condition, doing, deadline)).written ? 'closing' : 'not-held'
}

const release = async (
  table: LinkTable,
  by: string,
  instead: number | undefined,
  deadline: Deadline,
): Promise<void> => {
  const doing = `giving back the lock of the pair in ${table.name}`
  const [item] = await table.getAll([LOCK_KEY], doing, deadline)
  const { holder, reserved } = parseLock(item)
  if (holder?.by !== by) return
  const free = lockItem({ reserved: instead ?? reserved })
  await table.put(free, { where: itIsOurs, values: { ':by': text(by) } }, doing, deadline)
}

interface StatusChange {
  readonly initial: LinkStatus
  readonly from: LinkStatus
  readonly to: LinkStatus
}

const isStill = ({ initial, from }: StatusChange): Condition => {
  const values = { ':mode': text(from.mode), ':role': text(from.role), ':epoch': integer(from.epoch) }
  const where = isDeepStrictEqual(from, initial)
    ? `${nobodyChangedItYet} OR ${statusIsWhatWasRead}`
    : statusIsWhatWasRead
  return { where, values }
}

const isSame = (stored: Item | undefined, to: LinkStatus): boolean =>
  stored !== undefined && isDeepStrictEqual(parseStatus(stored), to)

const setStatus = async (
  table: LinkTable,
  { held, ...change }: StatusChange & { readonly held: { readonly by: string; readonly phase: LockPhase } },
  deadline: Deadline,
): Promise<RoleChange> => {
  const { to } = change
  const values = { ':by': text(held.by), ':phase': text(held.phase) }
  const guard: Guard = { key: LOCK_KEY, where: `${itIsOurs} AND ${itIsInThatPhase}`, values }
  const outcome = await table.putGuarded(statusItem(to), isStill(change), guard, doingTo(to), deadline)
  if (outcome.written) return 'changed'
  if (!outcome.guarded) return 'not-held'
  return isSame(outcome.stored, to) ? 'changed' : 'moved'
}

const doingTo = ({ mode, role, epoch }: LinkStatus): string =>
  `setting the link to ${mode}, its target to ${role}, epoch ${epoch}`

const standDown = async (table: LinkTable, change: StatusChange, deadline: Deadline): Promise<'changed' | 'moved'> => {
  const { from, to } = change
  if (to.role !== 'standby' || to.epoch <= from.epoch) return 'moved'
  const outcome = await table.put(statusItem(to), isStill(change), doingTo(to), deadline)
  return outcome.written || isSame(outcome.stored, to) ? 'changed' : 'moved'
}
