import { ReplicationError } from '../domain/errors.ts'
import { Fields } from './fields.ts'

/**
 * Throws `CONFIG_INVALID`. Written by the stack that deployed the function, from a topology that was checked. `require`
 * looks at what the order has besides its link.
 */
export const builtOrder = <Order>(
  text: string | undefined,
  require: (order: Fields, problems: string[]) => void = () => undefined,
): Order => {
  const problems: string[] = []
  const order = new Fields(fromJson(text), 'TWINSHORE_ORDER', problems)
  const link = order.object('link')
  for (const side of ['source', 'target']) link.object(side).texts('bootstrapServers')
  link.text('name')
  require(order, problems)
  if (problems.length === 0) return fromJson(text) as Order
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
