import type { AccessOrder } from '../domain/access/access-order.ts'
import { builtOrder } from './built-order.ts'

/** Throws `CONFIG_INVALID`. */
export const parseAccessOrder = (text: string | undefined): AccessOrder =>
  builtOrder(text, (order, problems) => {
    const access = order.object('access')
    access.object('principals')
    access.flag('quotas')
    for (const list of ['returning', 'fenced'])
      if (!order.has(list)) problems.push(`TWINSHORE_ORDER.${list} must be a list, and is missing`)
  })
