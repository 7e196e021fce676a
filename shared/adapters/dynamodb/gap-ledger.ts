import type { Gap } from '../../domain/head.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { Deadline, GapLedger, ReplayMark } from '../../usecases/ports.ts'
import { parseGap } from './gap-item.ts'
import { GAP_PREFIX, gapKey, partitionKey } from './item-keys.ts'
import { type LinkTable, namesIn } from './link-table.ts'
import { integer, text } from './stored-item.ts'

const gapIsKnown = 'attribute_exists(#pk)'
const nobodyReplayedIt = 'attribute_not_exists(#replayedAt)'

export const gapLedger = (table: LinkTable): GapLedger => ({
  gaps: (partition, deadline) => gaps(table, partition, deadline),
  markReplayed: (partition, gap, at, deadline) => markReplayed(table, partition, gap, at, deadline),
})

const gaps = async (table: LinkTable, partition: PartitionId, deadline: Deadline): Promise<readonly Gap[]> => {
  const where = '#pk = :pk AND begins_with(#sk, :gap)'
  const input = {
    KeyConditionExpression: where,
    ExpressionAttributeNames: namesIn(where),
    ExpressionAttributeValues: { ':pk': text(partitionKey(partition)), ':gap': text(GAP_PREFIX) },
  }
  const found: Gap[] = []
  for await (const items of table.query(input, `reading the gaps of ${partitionName(partition)}`, deadline)) {
    found.push(...items.filter((item) => !table.expired(item)).map(parseGap))
  }
  return found
}

const markReplayed = async (
  table: LinkTable,
  partition: PartitionId,
  gap: Gap,
  at: number,
  deadline: Deadline,
): Promise<ReplayMark> => {
  const condition = { where: `${gapIsKnown} AND ${nobodyReplayedIt}`, values: { ':at': integer(at) } }
  const doing = `marking source offset ${gap.from} of ${partitionName(partition)} as replayed`
  const outcome = await table.set(gapKey(partition, gap), '#replayedAt = :at', condition, doing, deadline)
  if (outcome.written) return 'marked'
  if (outcome.stored === undefined) return 'unknown'
  return parseGap(outcome.stored).replayedAt === at ? 'marked' : 'already-replayed'
}
