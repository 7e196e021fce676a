import { clientPointer } from '../../domain/failover/client-pointer.ts'
import type { FailoverCluster } from '../../domain/failover/failover-order.ts'
import type { FenceCause } from '../../domain/failover/fence-cause.ts'
import type { Deadline } from '../ports.ts'
import type { ClientSwitch, Fence, FenceAnswer, PointerPlace } from './fence-ports.ts'
import { movePointer } from './move-pointer.ts'

export interface PointerFenceDeps {
  /** In every region where clients of the pair look. */
  readonly places: readonly PointerPlace[]
  readonly from: FailoverCluster
}

/** Tells clients of their own will that nobody may write to the cluster that is active. */
export const pointerFence = ({ places, from }: PointerFenceDeps): Fence => ({
  name: `pointer ${places.map(({ name }) => name).join(' and ')}`,
  apply: async (cause, deadline) => await point({ places, cluster: from, mayWrite: false }, cause, deadline),
  prove: async (cause, _topics, deadline) => await prove(places, cause, deadline),
  lift: async (cause, deadline) => await point({ places, cluster: from, mayWrite: true }, cause, deadline),
})

/** Clients that look there move to the other cluster. */
export const pointerSwitch = (place: PointerPlace, to: FailoverCluster): ClientSwitch => ({
  name: `pointer ${place.name}`,
  point: async (cause, deadline) => await point({ places: [place], cluster: to, mayWrite: true }, cause, deadline),
})

interface Direction {
  readonly places: readonly PointerPlace[]
  readonly cluster: FailoverCluster
  readonly mayWrite: boolean
}

const point = async (
  { places, cluster, mayWrite }: Direction,
  cause: FenceCause,
  deadline: Deadline,
): Promise<FenceAnswer> => {
  const pointer = clientPointer(cause, cluster, mayWrite)
  const isAway = !mayWrite || cluster.cluster === cause.to
  for (const place of places) {
    const move = await movePointer(place, pointer, deadline)
    if (move === 'kept' && !(isAway && (await leadsAway(place, cause, deadline))))
      return { outcome: 'refused', message: `${place.name} points to where a later failover went` }
  }
  const state = mayWrite ? 'may be written to' : 'must not be written to'
  return { outcome: 'done', message: `${places.map(({ name }) => name).join(' and ')}: ${cluster.cluster} ${state}` }
}

const prove = async (places: readonly PointerPlace[], cause: FenceCause, deadline: Deadline): Promise<FenceAnswer> => {
  const { from } = cause
  for (const place of places) {
    const { pointer } = (await place.read(deadline)) ?? {}
    const isFenced = pointer?.execution === cause.execution && pointer.cluster === from && !pointer.mayWrite
    if (!isFenced && !(await leadsAway(place, cause, deadline)))
      return { outcome: 'again', message: `${place.name} does not say that nobody may write to ${from}` }
  }
  return { outcome: 'done', message: `${from}: clients are told not to write`, weaker: OF_THEIR_OWN_WILL }
}

/** At the first contact clients may have been pointed to the other cluster already, which is as good. */
const leadsAway = async (place: PointerPlace, { to, epoch }: FenceCause, deadline: Deadline): Promise<boolean> => {
  const { pointer } = (await place.read(deadline)) ?? {}
  return pointer?.cluster === to && pointer.epoch === epoch
}

const OF_THEIR_OWN_WILL = 'a pointer binds only clients that follow it of their own will'
