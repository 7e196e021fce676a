import { ReplicationError } from '../errors.ts'
import { type GroupOrder, groupOrder } from '../groups/group-order.ts'
import { type KafkaAccess, kafkaAccess } from '../kafka-access.ts'
import {
  accessSyncName,
  failoverMachineName,
  failoverName,
  fenceName,
  groupSyncName,
  measureLagName,
  replicatorName,
  tableName,
  topicSyncName,
} from '../link-names.ts'
import { type Link, placementOf, type Topology } from '../topology/topology.ts'
import type { FenceChoice, PairFailover, SwitchChoice } from './failover-choice.ts'

/** One of the two clusters of a failover. */
export interface FailoverCluster {
  /** Its name in the topology. */
  readonly cluster: string
  readonly region: string
  readonly access: KafkaAccess
}

/** The functions of a link, by name; those of what does not follow are absent. */
export interface LinkFunctionNames {
  /** Where all of them run. */
  readonly region: string
  readonly replicate: string
  readonly measureLag: string
  readonly syncTopics?: string
  readonly syncGroups?: string
  readonly syncAccess?: string
}

/** One direction of a pair. */
export interface FailoverLink {
  readonly order: GroupOrder
  /** In the region of the link's target. */
  readonly table: { readonly name: string; readonly region: string }
  readonly functions: LinkFunctionNames
  /** What fails over along this link: all of it in the region of the link's target. */
  readonly failover: {
    readonly region: string
    /** The state machine. */
    readonly machine: string
    /** The function of its steps, and the one of its fence. */
    readonly steps: string
    readonly fence: string
  }
}

/** What the functions of a failover know: one direction of a pair, `from` its source `to` its target. */
export interface FailoverOrder
  extends Pick<PairFailover, 'active' | 'limits' | 'approval' | 'stillMs' | 'tail' | 'mayScrape' | 'drillEveryDays'> {
  readonly installation: string
  readonly pair: string
  readonly from: FailoverCluster
  readonly to: FailoverCluster
  readonly forward: FailoverLink
  /** The link the other way; absent: the pair has none, and there is no way back. */
  readonly reverse?: FailoverLink
  /** Of `from`; never empty. */
  readonly fences: readonly FenceChoice[]
  /** Of `to`, from when it was failed over from: lifted once it is active again. Empty where no link leads away from it. */
  readonly fencesOfTarget: readonly FenceChoice[]
  /** Links besides those of the pair that read from `from`, or write there. */
  readonly others: readonly string[]
  /** Never empty. */
  readonly clients: readonly SwitchChoice[]
}

/** Throws `CONFIG_INVALID` when the link is in no pair that fails over. */
export const failoverOrder = (link: Link, topology: Pick<Topology, 'links' | 'pairs'>): FailoverOrder => {
  const pair = topology.pairs.find(({ links }) => links.some(({ name }) => name === link.name))
  if (pair?.failover === undefined)
    throw new ReplicationError('CONFIG_INVALID', `ordering a failover along ${link.name}: its pair has no failover`)
  const { active, fences, clients, limits, approval, stillMs, tail, mayScrape, drillEveryDays } = pair.failover
  const reverse = pair.links.find(({ name }) => name !== link.name)
  return {
    installation: link.installation,
    pair: pair.name,
    from: failoverCluster(link.source),
    to: failoverCluster(link.target),
    forward: failoverLink(link, topology),
    ...(reverse === undefined ? {} : { reverse: failoverLink(reverse, topology) }),
    fencesOfTarget: fences[link.target.name] ?? [],
    others: othersOn(link.source.name, pair.links, topology),
    ...{ fences: fences[link.source.name] ?? [], clients, active, limits, approval, stillMs, drillEveryDays },
    ...{ tail, mayScrape },
  }
}

const othersOn = (cluster: string, own: readonly Link[], { links }: Pick<Topology, 'links'>): readonly string[] => {
  const names = own.map(({ name }) => name)
  const users = links.filter(({ source, target }) => source.name === cluster || target.name === cluster)
  return users.map(({ name }) => name).filter((name) => !names.includes(name))
}

const failoverCluster = (cluster: Link['source']): FailoverCluster => ({
  cluster: cluster.name,
  region: cluster.region,
  access: kafkaAccess(cluster),
})

const failoverLink = (link: Link, topology: Pick<Topology, 'links'>): FailoverLink => ({
  order: groupOrder(link, topology),
  table: { name: tableName(link), region: link.target.region },
  functions: {
    region: placementOf(link).region,
    replicate: replicatorName(link),
    measureLag: measureLagName(link),
    ...(link.syncTopics && { syncTopics: topicSyncName(link) }),
    ...(link.syncGroups && { syncGroups: groupSyncName(link) }),
    ...(link.access !== undefined && { syncAccess: accessSyncName(link) }),
  },
  failover: {
    region: link.target.region,
    machine: failoverMachineName(link),
    steps: failoverName(link),
    fence: fenceName(link),
  },
})
