import type { GroupOrder } from '../domain/groups/group-order.ts'
import { builtOrder } from './built-order.ts'

/** Throws `CONFIG_INVALID`. */
export const parseGroupOrder = (text: string | undefined): GroupOrder => builtOrder(text)
