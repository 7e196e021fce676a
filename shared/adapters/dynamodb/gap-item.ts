import type { Gap, GapKind } from '../../domain/head.ts'
import type { PartitionId } from '../../domain/record.ts'
import { gapKey } from './item-keys.ts'
import { type Item, integer, optional, StoredItem, text } from './stored-item.ts'

const KINDS: readonly GapKind[] = ['lost', 'quarantined', 'filtered', 'looped']

export const gapItem = (partition: PartitionId, gap: Gap): Item => {
  const { pk, sk } = gapKey(partition, gap)
  return {
    pk: text(pk),
    sk: text(sk),
    incarnation: text(gap.incarnation),
    from: integer(gap.from),
    to: integer(gap.to),
    kind: text(gap.kind),
    reason: text(gap.reason),
    at: integer(gap.at),
    ...optional('storedAt', gap.storedAt === undefined ? undefined : text(gap.storedAt)),
    ...optional('replayedAt', gap.replayedAt === undefined ? undefined : integer(gap.replayedAt)),
  }
}

export const parseGap = (item: Item): Gap => {
  const stored = new StoredItem(item)
  return {
    incarnation: stored.text('incarnation'),
    from: stored.offset('from'),
    to: stored.offset('to'),
    kind: stored.oneOf('kind', KINDS),
    reason: stored.text('reason'),
    at: stored.number('at'),
    ...(stored.has('storedAt') && { storedAt: stored.text('storedAt') }),
    ...(stored.has('replayedAt') && { replayedAt: stored.number('replayedAt') }),
  }
}
