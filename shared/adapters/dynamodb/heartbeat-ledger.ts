import type { Beat } from '../../domain/heartbeat/beat.ts'
import type { HeartbeatLedger } from '../../usecases/heartbeat/heartbeat-ports.ts'
import type { Deadline } from '../../usecases/ports.ts'
import { HEARTBEAT_KEY } from './item-keys.ts'
import type { LinkTable } from './link-table.ts'
import { type Item, integer, StoredItem, text } from './stored-item.ts'

const nobodyHasBeaten = 'attribute_not_exists(#pk)'
const nobodyHasBeatenThatFar = '#sequence < :sequence'
/** A write whose answer was lost is made again. */
const itIsOurs = '(#sequence = :sequence AND #owner = :owner)'

export const heartbeatLedger = (table: LinkTable): HeartbeatLedger => ({
  read: async (deadline) => {
    const [item] = await table.getAll([HEARTBEAT_KEY], `reading the last beat in ${table.name}`, deadline)
    return item === undefined ? undefined : parseBeat(item)
  },
  remember: (owner, beat, deadline) => remember(table, owner, beat, deadline),
})

const parseBeat = (item: Item): Beat => {
  const stored = new StoredItem(item)
  return { sequence: stored.number('sequence'), at: stored.number('at') }
}

const remember = async (
  table: LinkTable,
  owner: string,
  { sequence, at }: Beat,
  deadline: Deadline,
): Promise<'remembered' | 'superseded'> => {
  const { pk, sk } = HEARTBEAT_KEY
  const item: Item = {
    pk: text(pk),
    sk: text(sk),
    owner: text(owner),
    sequence: integer(sequence),
    at: integer(at),
  }
  const where = [nobodyHasBeaten, nobodyHasBeatenThatFar, itIsOurs].join(' OR ')
  const values = { ':sequence': integer(sequence), ':owner': text(owner) }
  const doing = `remembering beat ${sequence} in ${table.name}`
  const outcome = await table.put(item, { where, values }, doing, deadline)
  return outcome.written ? 'remembered' : 'superseded'
}
