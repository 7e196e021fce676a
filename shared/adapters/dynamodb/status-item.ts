import { INITIAL_STATUS, LINK_MODES, type LinkStatus } from '../../domain/head.ts'
import { STATUS_KEY } from './item-keys.ts'
import { type Item, integer, StoredItem, text } from './stored-item.ts'

export const statusItem = ({ mode, role, epoch }: LinkStatus): Item => ({
  pk: text(STATUS_KEY.pk),
  sk: text(STATUS_KEY.sk),
  mode: text(mode),
  role: text(role),
  epoch: integer(epoch),
})

/** No item: nobody has changed the link since it was deployed. */
export const parseStatus = (item: Item | undefined): LinkStatus => {
  if (item === undefined) return INITIAL_STATUS
  const stored = new StoredItem(item)
  return {
    mode: stored.oneOf('mode', LINK_MODES),
    role: stored.oneOf('role', ['active', 'standby']),
    epoch: stored.number('epoch'),
  }
}
