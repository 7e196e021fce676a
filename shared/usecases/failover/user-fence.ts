import { ReplicationError } from '../../domain/errors.ts'
import type { FenceCause } from '../../domain/failover/fence-cause.ts'
import type { Deadline } from '../ports.ts'
import type { ClientSwitch, Fence, FenceAnswer, UserFunction, UserRequest } from './fence-ports.ts'

/** A fence that is a function of the user's own: what it does is its own business, and so is what it takes for a proof. */
export const userFence = (of: UserFunction): Fence => ({
  name: `function ${of.name}`,
  apply: async (cause, deadline) => await ask(of, 'fence', cause, deadline),
  prove: async (cause, _topics, deadline) => await ask(of, 'prove', cause, deadline),
  lift: async (cause, deadline) => await ask(of, 'lift', cause, deadline),
})

export const userSwitch = (of: UserFunction): ClientSwitch => ({
  name: `function ${of.name}`,
  point: async (cause, deadline) => await ask(of, 'switch', cause, deadline),
})

const ask = async (
  of: UserFunction,
  action: UserRequest['action'],
  { pair, from, to, epoch, execution }: FenceCause,
  deadline: Deadline,
): Promise<FenceAnswer> => {
  const { done, detail, gone } = await of.ask({ action, pair, from, to, epoch, execution }, deadline)
  if (!done && gone === true) throw new ReplicationError('SOURCE_UNREACHABLE', `${of.name}, ${action}: ${detail}`)
  return { outcome: done ? 'done' : 'again', message: `${of.name}, ${action}: ${detail}` }
}
