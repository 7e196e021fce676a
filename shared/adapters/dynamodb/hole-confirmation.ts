import { ReplicationError } from '../../domain/errors.ts'
import { type ConfirmedHoles, type Head, stillUnread } from '../../domain/head.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { Deadline, LinkSnapshot } from '../../usecases/ports.ts'
import type { HoleConfirmation } from '../../usecases/verify/verify-ports.ts'
import { confirmationKey, partitionKey } from './item-keys.ts'
import { linkState } from './link-state.ts'
import type { LinkTable } from './link-table.ts'
import { type Item, integer, StoredItem, text } from './stored-item.ts'

const thereIsNoneYet = 'attribute_not_exists(#pk)'
const ofAnotherLife = '#incarnation <> :incarnation'
const fewerAreConfirmed = '#to < :to'

/**
 * What was confirmed is an item of its own: whoever moves the checkpoint writes the whole head as it had read it, and would
 * have holes unread again that retention takes before the next look.
 */
export const holeConfirmation = (table: LinkTable): HoleConfirmation => ({
  confirmHoles: (partition, head, to, deadline) => confirmHoles(table, partition, head, to, deadline),
  readVerified: (partitions, deadline) => readVerified(table, partitions, deadline),
})

const confirmHoles = async (
  table: LinkTable,
  partition: PartitionId,
  { incarnation, unverifiedFrom }: Head,
  to: bigint,
  deadline: Deadline,
): Promise<void> => {
  if (unverifiedFrom === undefined || to <= unverifiedFrom) return
  const { pk, sk } = confirmationKey(partition)
  const item = { pk: text(pk), sk: text(sk), incarnation: text(incarnation), to: integer(to) }
  const where = [thereIsNoneYet, ofAnotherLife, fewerAreConfirmed].join(' OR ')
  const values = { ':incarnation': text(incarnation), ':to': integer(to) }
  const doing = `confirming the holes of ${partitionName(partition)} below source offset ${to}`
  await table.put(item, { where, values }, doing, deadline)
}

/** Heads first: what is confirmed of a head that is older only has holes read again. */
const readVerified = async (
  table: LinkTable,
  partitions: readonly PartitionId[],
  deadline: Deadline,
): Promise<LinkSnapshot> => {
  const snapshot = await linkState(table).read(partitions, deadline)
  const wanted = new Map(partitions.map((partition) => [partitionKey(partition), partition]))
  const keys = [...wanted.values()].map(confirmationKey)
  const items = await table.getAll(keys, `reading the confirmed holes of ${wanted.size} partitions`, deadline)
  const confirmed = new Map(items.map(parseConfirmation))
  const heads = [...wanted].flatMap(([pk, partition]) => {
    const head = snapshot.heads.get(partitionName(partition))
    if (head === undefined) return []
    const seen = head instanceof ReplicationError ? head : stillUnread(head, confirmed.get(pk))
    return [[partitionName(partition), seen] as const]
  })
  return { ...snapshot, heads: new Map(heads) }
}

const parseConfirmation = (item: Item): readonly [string, ConfirmedHoles] => {
  const stored = new StoredItem(item)
  return [stored.text('pk'), { incarnation: stored.text('incarnation'), to: stored.offset('to') }]
}
