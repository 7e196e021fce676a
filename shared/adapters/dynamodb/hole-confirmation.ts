import type { Head } from '../../domain/head.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { Deadline } from '../../usecases/ports.ts'
import type { HoleConfirmation } from '../../usecases/verify-ports.ts'
import { headKey } from './item-keys.ts'
import type { LinkTable } from './link-table.ts'
import { integer, text } from './stored-item.ts'

const incarnationIsTheSame = '#incarnation = :incarnation'
const nobodyReplicatedMeanwhile = '#nextSource = :nextSource'
const holesBelowAreUnread = '#unverifiedFrom < :to'
/** An update has to set something: this attribute stays as it is. */
const NOTHING_ELSE = '#epoch = #epoch'

export const holeConfirmation = (table: LinkTable): HoleConfirmation => ({
  confirmHoles: (partition, head, to, deadline) => confirmHoles(table, partition, head, to, deadline),
})

/**
 * Only this attribute changes: whoever moves the checkpoint writes the whole head on the condition that the checkpoint is
 * where it was read, and brings an older `unverifiedFrom` back at worst, which only has holes read again.
 */
const confirmHoles = async (
  table: LinkTable,
  partition: PartitionId,
  { incarnation, nextSource, unverifiedFrom }: Head,
  to: bigint,
  deadline: Deadline,
): Promise<void> => {
  if (unverifiedFrom === undefined || to <= unverifiedFrom) return
  const doing = `confirming the holes of ${partitionName(partition)} below source offset ${to}`
  const sameLife = { ':incarnation': text(incarnation), ':to': integer(to) }
  const key = headKey(partition)
  if (to >= nextSource) {
    const all = [incarnationIsTheSame, nobodyReplicatedMeanwhile, holesBelowAreUnread].join(' AND ')
    const change = `${NOTHING_ELSE} REMOVE #unverifiedFrom`
    const values = { ...sameLife, ':nextSource': integer(nextSource) }
    const outcome = await table.set(key, change, { where: all, values }, doing, deadline)
    if (outcome.written) return
  }
  const where = [incarnationIsTheSame, holesBelowAreUnread].join(' AND ')
  await table.set(key, '#unverifiedFrom = :to', { where, values: sameLife }, doing, deadline)
}
