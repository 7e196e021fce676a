import type { VerifyOrder } from '../domain/verify/verify-order.ts'
import { builtOrder } from './built-order.ts'

/** Throws `CONFIG_INVALID`. */
export const parseVerifyOrder = (text: string | undefined): VerifyOrder => builtOrder(text)
