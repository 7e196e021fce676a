import { ReplicationError } from '../../domain/errors.ts'
import type { FailoverOrder } from '../../domain/failover/failover-order.ts'
import { type FenceCause, fenceCause } from '../../domain/failover/fence-cause.ts'
import type { PendingDebts } from '../../domain/failover/pending-debts.ts'
import type { Clock, Deadline } from '../ports.ts'
import { brief } from './brief-deadline.ts'
import type { PairState } from './failover-ports.ts'
import type { ClientSwitch } from './fence-ports.ts'
import { applyFences, type ProofDeps, proveFences, switchClients } from './fences.ts'
import type { Settled, Settlements } from './settle-pending.ts'
import { settleTail, type TailDeps } from './settle-tail.ts'
import { standDownThere } from './stand-down-there.ts'
import type { RecordDeletion } from './tail-ports.ts'

export interface FirstContactDeps extends ProofDeps {
  readonly order: FailoverOrder
  readonly forward: { readonly pair: PairState }
  /** Of the link the other way; absent: there is none. */
  readonly reverse?: { readonly pair: PairState }
  /** In the region of the old active cluster. */
  readonly there: readonly ClientSwitch[]
  readonly tail: TailDeps
  /** Begins the link the other way. */
  readonly turnBack: (debts: PendingDebts, deadline: Deadline) => Promise<Settled>
  readonly clock: Clock
}

/** Whoever is gone is asked again and again, as long as there is time: none of them may take that of the others. */
const CLUSTER_MS = 25_000
const REGION_MS = 5_000

/** How each debt to an old active cluster is settled. */
export const settlements = (deps: FirstContactDeps): Settlements => ({
  fence: (debts, deadline) => fenceAndProve(causeOf(debts, deps), deadline, deps),
  roles: (_debts, deadline) => standDownThere(brief(deadline, REGION_MS, deps), deps),
  clients: (debts, deadline) =>
    switchClients(causeOf(debts, deps), brief(deadline, REGION_MS, deps), { here: deps.there, there: [] }),
  tail: (debts, deadline) => tailOf(debts, deadline, deps),
  reverse: deps.turnBack,
})

/** When the execution began is not remembered; within one epoch nobody comes after a failover that has promoted. */
const causeOf = ({ epoch, execution, since }: PendingDebts, { order }: FirstContactDeps): FenceCause =>
  fenceCause(order, { epoch, execution, startedAt: since })

const fenceAndProve = async (cause: FenceCause, deadline: Deadline, deps: FirstContactDeps): Promise<Settled> => {
  const applied = await applyFences(cause, brief(deadline, CLUSTER_MS, deps), deps)
  return applied.outcome === 'done' ? await proveFences(cause, deadline, deps) : applied
}

/** Nothing is emptied that the link the other way would not fill again, or that it has begun to bring already. */
const tailOf = async (debts: PendingDebts, deadline: Deadline, deps: FirstContactDeps): Promise<Settled> => {
  const { reverse, tail } = deps
  if (debts.tail !== 'scrape') return await settleTail(debts, deadline, tail)
  if (reverse === undefined) return { outcome: 'refused', message: 'nothing is emptied that no link fills again' }
  const { mode } = (await reverse.pair.read(brief(deadline, REGION_MS, deps))).status
  if (mode !== 'stopped')
    return { outcome: 'refused', message: `nothing is emptied: the link back is ${mode}, and has begun` }
  return await settleTail(debts, deadline, { ...tail, deletion: whileStandby(debts, deps) })
}

/** Somebody may have gone back by force while the tail was kept: then this cluster may be all that there is. */
const whileStandby = ({ epoch }: PendingDebts, { forward, tail }: FirstContactDeps): RecordDeletion => ({
  deleteBelow: async (offsets, deadline) => {
    const { status } = await forward.pair.read(deadline)
    if (status.role !== 'active' || status.epoch !== epoch)
      throw new ReplicationError(
        'EPOCH_STALE',
        `emptying ${tail.cluster}: it is not the standby of epoch ${epoch} any more`,
      )
    return await tail.deletion.deleteBelow(offsets, deadline)
  },
})
