import { ReplicationError } from '../shared/domain/errors.ts'
import { type FailoverLink, type FailoverOrder, failoverOrder } from '../shared/domain/failover/failover-order.ts'
import { activeSide } from '../shared/domain/failover/pair-roles.ts'
import type { Topology } from '../shared/domain/topology/topology.ts'
import type { FailoverDesk } from '../shared/usecases/failover/desk-ports.ts'
import type { Deadline } from '../shared/usecases/ports.ts'

export type Connect = (link: FailoverLink) => FailoverDesk

/** One way in which a pair can fail over. */
export interface Direction {
  readonly order: FailoverOrder
  readonly desk: FailoverDesk
}

/** All directions of a pair. Throws `CONFIG_INVALID` with the pairs that there are. */
export const ordersOf = (topology: Topology, name: string): readonly FailoverOrder[] => {
  const able = topology.pairs.filter(({ failover }) => failover !== undefined)
  const pair = able.find((one) => one.name === name)
  if (pair === undefined) {
    const known =
      able.length === 0
        ? 'no pair has failover in the topology'
        : `these pairs have failover: ${able.map((one) => one.name).join(', ')}`
    throw new ReplicationError('CONFIG_INVALID', `looking for the pair ${name}: ${known}`)
  }
  return pair.links.map((link) => failoverOrder(link, topology))
}

export const directionsOf = (topology: Topology, name: string, connect: Connect): readonly Direction[] =>
  ordersOf(topology, name).map((order) => ({ order, desk: connect(order.forward) }))

/** To the cluster that is named, or else to the one that is not active; who is, both tables have to say. */
export const chooseDirection = async (
  directions: readonly Direction[],
  to: string | undefined,
  deadline: Deadline,
): Promise<Direction> => {
  const targets = directions.map(({ order }) => order.to.cluster)
  const [one, other] = directions
  if (to !== undefined || one === undefined) {
    const named = directions.find(({ order }) => order.to.cluster === to)
    if (named !== undefined) return named
    throw new ReplicationError(
      'CONFIG_INVALID',
      `failing over to ${to}: the links of the pair lead to ${targets.join(' and ')}`,
    )
  }
  if (other === undefined) return one
  const [forward, reverse] = await Promise.all([one.desk.status(deadline), other.desk.status(deadline)]).catch(sayWhere)
  const initially = one.order.active === one.order.to.cluster ? 'to' : 'from'
  return activeSide({ forward, reverse }, initially) === 'to' ? other : one
}

const sayWhere = (error: unknown): never => {
  if (!(error instanceof ReplicationError)) throw error
  throw new ReplicationError(
    'CONFIG_INVALID',
    `finding out which cluster is active: name the other one with --to; ${error.message}`,
    {
      cause: error,
    },
  )
}

/** One that runs in either direction, or else the last one that did, as far as their regions tell. */
export const newestExecution = async (directions: readonly Direction[], deadline: Deadline): Promise<string> => {
  const told = await Promise.allSettled(directions.map(({ desk }) => desk.machine.newest(deadline)))
  const found = told.flatMap((one) => (one.status === 'fulfilled' && one.value !== undefined ? [one.value] : []))
  const [newest] = found.sort(
    (one, other) => Number(other.running) - Number(one.running) || other.startedAt - one.startedAt,
  )
  if (newest !== undefined) return newest.name
  const troubles = told.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
  throw new ReplicationError(
    'CONFIG_INVALID',
    ['looking for an execution to follow: the pair never had any', ...troubles].join('; '),
  )
}

/** Whichever machine has the execution. A region that does not answer is named when no other one has it. */
export const directionWith = async (
  directions: readonly Direction[],
  execution: string,
  deadline: Deadline,
): Promise<Direction> => {
  const troubles: string[] = []
  for (const direction of directions)
    try {
      if ((await direction.desk.machine.look(execution, deadline)) !== undefined) return direction
    } catch (error) {
      if (!(error instanceof ReplicationError)) throw error
      troubles.push(error.message)
    }
  const names = directions.map(({ order }) => order.forward.failover.machine).join(' and ')
  throw new ReplicationError(
    'CONFIG_INVALID',
    [`looking for ${execution}: ${names} have no such execution`, ...troubles].join('; '),
  )
}
