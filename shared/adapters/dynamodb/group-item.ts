import { type GroupRecord, groupRecordName } from '../../domain/groups/group-record.ts'
import { packPositions, unpackPositions } from '../../domain/groups/packed-positions.ts'
import { GROUPS_KEY } from './item-keys.ts'
import { bytes, type Item, integer, StoredItem, text } from './stored-item.ts'

export const groupItem = (targetTopic: string, group: string, record: GroupRecord): Item => ({
  pk: text(GROUPS_KEY),
  sk: text(groupRecordName(targetTopic, group)),
  ...recordAttributes(record),
})

/** What a record is made of, without its key. */
export const recordAttributes = ({ at, positions }: GroupRecord): Item => {
  const packed = packPositions(positions)
  return { at: integer(at), origins: { L: packed.origins.map(text) }, positions: bytes(packed.bytes) }
}

export const parseGroup = (item: Item): readonly [name: string, record: GroupRecord] => {
  const stored = new StoredItem(item)
  const origins = stored.texts('origins')
  const packed = { origins, bytes: stored.bytes('positions') }
  try {
    return [stored.text('sk'), { at: stored.number('at'), positions: unpackPositions(packed) }]
  } catch (cause) {
    if (cause instanceof RangeError) return stored.refuse('positions', 'packed positions', cause)
    throw cause
  }
}
