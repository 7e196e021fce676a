import type { HeartbeatOrder } from '../domain/heartbeat/heartbeat-order.ts'
import { builtOrder } from './built-order.ts'

/** Throws `CONFIG_INVALID`. */
export const parseHeartbeatOrder = (text: string | undefined): HeartbeatOrder => builtOrder(text)
