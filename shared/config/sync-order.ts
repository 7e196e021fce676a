import type { SyncOrder } from '../domain/topics/sync-order.ts'
import { builtOrder } from './built-order.ts'

/** Throws `CONFIG_INVALID`. */
export const parseSyncOrder = (text: string | undefined): SyncOrder => builtOrder(text)
