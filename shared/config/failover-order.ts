import type { FailoverOrder } from '../domain/failover/failover-order.ts'
import { builtJson } from './built-order.ts'
import type { Fields } from './fields.ts'

/** Throws `CONFIG_INVALID`. */
export const parseFailoverOrder = (text: string | undefined): FailoverOrder =>
  builtJson(text, (order, problems) => {
    order.text('pair')
    for (const side of ['from', 'to']) order.object(side).text('cluster')
    requireLink(order.object('forward'))
    if (order.has('reverse')) requireLink(order.object('reverse'))
    for (const list of ['fences', 'fencesOfTarget', 'others', 'clients'])
      if (!order.has(list)) problems.push(`TWINSHORE_ORDER.${list} must be a list, and is missing`)
    order.positiveInteger('stillMs')
    order.object('approval').flag('needed')
    order.object('limits').positiveInteger('lagSeconds')
  })

const requireLink = (link: Fields): void => {
  link.object('order').object('link').text('name')
  link.object('table').text('name')
  link.object('functions').text('replicate')
  link.object('failover').text('machine')
}
