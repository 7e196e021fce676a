import { ReplicationError } from '../domain/errors.ts'
import { Fields } from './fields.ts'

type Require = (order: Fields, problems: string[]) => void

/**
 * Throws `CONFIG_INVALID`. Written by the stack that deployed the function, from a topology that was checked. `require`
 * looks at what the order has besides its link.
 */
export const builtOrder = <Order>(text: string | undefined, require: Require = () => undefined): Order =>
  builtJson(text, (order, problems) => {
    const link = order.object('link')
    for (const side of ['source', 'target']) link.object(side).texts('bootstrapServers')
    link.text('name')
    require(order, problems)
  })

/** Throws `CONFIG_INVALID`: for orders of more than a link, of which `require` looks at everything. */
export const builtJson = <Order>(text: string | undefined, require: Require): Order => {
  const problems: string[] = []
  require(new Fields(fromJson(text), 'TWINSHORE_ORDER', problems), problems)
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
