import { ReplicationError } from '../../domain/errors.ts'
import type { PairRoles } from '../../domain/failover/pair-roles.ts'
import type { PendingDebts } from '../../domain/failover/pending-debts.ts'
import type { Deadline } from '../ports.ts'
import { brief } from './brief-deadline.ts'
import type { CoreDeps } from './failover-deps.ts'
import type { PairSnapshot } from './failover-ports.ts'

/** `reverse` absent: there is no link the other way, or `unheard` says why its table could not be read. */
export interface PairReading {
  readonly forward: PairSnapshot
  readonly reverse?: PairSnapshot
  readonly unheard?: ReplicationError
  readonly pending: readonly PendingDebts[]
}

/** Long enough for a table in another region; one that is gone shall not take the time of what can be done without it. */
const OTHER_REGION_MS = 5_000

/** What both tables of the pair say. Only an unplanned failover goes on without the one of the other region. */
export const readPair = async (
  { mayMiss }: { readonly mayMiss: boolean },
  deadline: Deadline,
  { forward, reverse, clock }: Pick<CoreDeps, 'forward' | 'reverse' | 'clock'>,
): Promise<PairReading> => {
  const own = await forward.pair.read(deadline)
  const owed = (await forward.pending.pending(deadline)) ?? []
  const known = { forward: own, pending: [owed].flat() }
  if (reverse === undefined) return known
  try {
    const soon = mayMiss ? brief(deadline, OTHER_REGION_MS, { clock }) : deadline
    const other = await reverse.pair.read(soon)
    const owedThere = (await reverse.pending.pending(soon)) ?? []
    return { forward: own, reverse: other, pending: [owed, owedThere].flat() }
  } catch (error) {
    if (!mayMiss || !(error instanceof ReplicationError) || !error.transient) throw error
    return { ...known, unheard: error }
  }
}

export const rolesOf = ({ forward, reverse }: PairReading): PairRoles => ({
  forward: forward.status,
  ...(reverse !== undefined && { reverse: reverse.status }),
})
