import type { StepAnswer } from '../../domain/failover/failover-step.ts'
import { stoodDown } from '../../domain/failover/pair-roles.ts'
import type { Deadline } from '../ports.ts'
import type { PairState } from './failover-ports.ts'

interface BothRoles {
  readonly forward: { readonly pair: Pick<PairState, 'read'> }
  /** Of the link the other way; absent: there is none. */
  readonly reverse?: { readonly pair: PairState }
}

/** The old active side learns that it is standby: what leads to it does not forward before a failover says from where. */
export const standDownThere = async (deadline: Deadline, { forward, reverse }: BothRoles): Promise<StepAnswer> => {
  if (reverse === undefined)
    return { outcome: 'done', message: 'no link leads back, so that no role is remembered there' }
  const [{ status: own }, { status: there }] = [await forward.pair.read(deadline), await reverse.pair.read(deadline)]
  const to = stoodDown(there, own)
  if (to === undefined) return { outcome: 'done', message: `it is ${there.role} since epoch ${there.epoch}` }
  const outcome = await reverse.pair.standDown(there, to, deadline)
  if (outcome === 'moved') return { outcome: 'again', message: 'its status was changed while it was looked at' }
  return { outcome: 'done', message: `it is standby now, in epoch ${to.epoch}` }
}
