import { LINK_MODES, type LinkStatus } from '../../domain/head.ts'
import { STATUS_KEY } from './item-keys.ts'
import { type Item, integer, StoredItem, text } from './stored-item.ts'

export const statusItem = ({ mode, role, epoch }: LinkStatus): Item => ({
  pk: text(STATUS_KEY.pk),
  sk: text(STATUS_KEY.sk),
  mode: text(mode),
  role: text(role),
  epoch: integer(epoch),
})

/** `initial`: where there is no item, since nobody has changed the link after it was deployed. */
export const statusOf = (item: Item | undefined, initial: LinkStatus): LinkStatus =>
  item === undefined ? initial : parseStatus(item)

export const parseStatus = (item: Item): LinkStatus => {
  const stored = new StoredItem(item)
  return {
    mode: stored.oneOf('mode', LINK_MODES),
    role: stored.oneOf('role', ['active', 'standby']),
    epoch: stored.number('epoch'),
  }
}
