import { ReplicationError } from '../../domain/errors.ts'
import type { FailoverOrder } from '../../domain/failover/failover-order.ts'
import { type FenceCause, fenceCause } from '../../domain/failover/fence-cause.ts'
import { type GivenUp, giveUpCommand } from '../../domain/failover/given-up.ts'
import type { PendingDebts } from '../../domain/failover/pending-debts.ts'
import type { Clock, Deadline } from '../ports.ts'
import { brief } from './brief-deadline.ts'
import type { PairState, PendingLedger } from './failover-ports.ts'
import type { ClientSwitch } from './fence-ports.ts'
import { applyFences, type ProofDeps, proveFences, switchClients } from './fences.ts'
import { type MayEmptyDeps, type Obstacle, whyNotEmptied } from './may-empty.ts'
import type { Settled, Settlements } from './settle-pending.ts'
import { settleTail, type TailDeps } from './settle-tail.ts'
import { standDownThere } from './stand-down-there.ts'
import type { RecordDeletion } from './tail-ports.ts'

export interface FirstContactDeps extends ProofDeps, Pick<MayEmptyDeps, 'executions'> {
  readonly order: FailoverOrder
  readonly forward: { readonly pair: PairState; readonly pending: Pick<PendingLedger, 'givenUp'> }
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
  if (applied.outcome !== 'done') return applied
  const partitions: ProofDeps['partitions'] = (whole) => deps.partitions(brief(whole, CLUSTER_MS, deps))
  return await proveFences(cause, deadline, { ...deps, partitions }) // where no fence asks the cluster, this does first
}

/** What is given up of a tail is that the cluster is emptied: it is exported all the same. */
const tailOf = async (debts: PendingDebts, deadline: Deadline, deps: FirstContactDeps): Promise<Settled> => {
  const { forward, tail } = deps
  if (debts.tail !== 'scrape') return await settleTail(debts, deadline, tail)
  const decision = await forward.pending.givenUp(debts.execution, 'scrape', deadline)
  if (decision !== undefined) {
    const { outcome, message } = await settleTail({ ...debts, tail: 'export' }, deadline, tail)
    return { outcome, message: `${givenUpText(tail.cluster, decision)}; ${message}` }
  }
  const obstacle = await whyNotEmptied(debts, deadline, deps)
  if (obstacle !== undefined) return notEmptied(obstacle, debts, deps)
  return await settleTail(debts, deadline, { ...tail, deletion: whileItMay(debts, deps) })
}

const notEmptied = (
  { because, passes }: Obstacle,
  { execution }: PendingDebts,
  { tail }: Pick<FirstContactDeps, 'tail'>,
): Settled => {
  const message = `nothing is emptied: ${because}`
  if (passes) return { outcome: 'again', message }
  return { outcome: 'refused', message: `${message}; to leave it as it is: ${giveUpCommand(tail.pair, execution)}` }
}

const givenUpText = (cluster: string, { by, reason }: GivenUp): string =>
  `emptying ${cluster} was given up by ${by}: ${reason}`

/** Keeping a tail takes long. Meanwhile somebody may have gone back by force, or may have given up that it is emptied. */
const whileItMay = (debts: PendingDebts, deps: FirstContactDeps): RecordDeletion => ({
  deleteBelow: async (offsets, deadline) => {
    const { forward, tail } = deps
    const decision = await forward.pending.givenUp(debts.execution, 'scrape', deadline)
    if (decision !== undefined) throw new ReplicationError('CHECKPOINT_MOVED', givenUpText(tail.cluster, decision))
    const obstacle = await whyNotEmptied(debts, deadline, deps)
    if (obstacle !== undefined)
      throw new ReplicationError('CHECKPOINT_MOVED', `emptying ${tail.cluster}: ${obstacle.because}`)
    return await tail.deletion.deleteBelow(offsets, deadline)
  },
})
