import type { AccessOrder } from '../domain/access/access-order.ts'
import { ReplicationError } from '../domain/errors.ts'
import { Fields } from './fields.ts'

/** Throws `CONFIG_INVALID`. Written by the stack that deployed the function, from a topology that was checked. */
export const parseAccessOrder = (text: string | undefined): AccessOrder => {
  const problems: string[] = []
  const order = new Fields(fromJson(text), 'TWINSHORE_ORDER', problems)
  const link = order.object('link')
  for (const side of ['source', 'target']) link.object(side).texts('bootstrapServers')
  link.text('name')
  order.object('access').object('principals')
  order.object('access').flag('quotas')
  if (!order.has('returning')) problems.push('TWINSHORE_ORDER.returning must be a list, and is missing')
  if (problems.length === 0) return fromJson(text) as AccessOrder
  throw new ReplicationError('CONFIG_INVALID', `reading what the function was built with: ${problems.join('; ')}`)
}

const fromJson = (text: string | undefined): unknown => {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
