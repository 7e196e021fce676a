import type { Cluster } from '../topology/topology.ts'

/** Two clusters as the topology takes them for. */
interface Ends {
  readonly source: Pick<Cluster, 'name' | 'clusterId'>
  readonly target: Pick<Cluster, 'name' | 'clusterId'>
}

interface Described {
  readonly described: { readonly clusterId: string }
}

/** A link, what its clusters report, and whatever links tell more about clusters. */
export interface IdentityFacts {
  readonly link: Ends
  readonly flows: readonly Ends[]
  readonly source: Described
  readonly target: Described
}

interface Reported {
  readonly name: string
  readonly clusterId: string
  readonly declared: string | undefined
}

const declaredElsewhere = ({ name, clusterId }: Reported, flows: readonly Ends[]): string | undefined =>
  flows
    .flatMap(({ source, target }) => [source, target])
    .find((cluster) => cluster.name !== name && cluster.clusterId === clusterId)?.name

const contradiction = (reported: Reported, flows: readonly Ends[]): string | undefined => {
  const { name, clusterId, declared } = reported
  if (declared !== undefined && declared !== clusterId)
    return `${name} reports the cluster id ${clusterId}, and the topology says ${declared}: do its bootstrap servers lead to another cluster?`
  const alias = declaredElsewhere(reported, flows)
  return alias && `${name} reports the cluster id ${clusterId}, which is that of ${alias}: declare the cluster once`
}

/**
 * Why nothing may be done for a link: its clusters are not the two that the topology takes them for. Names and addresses
 * can lie, the ids that clusters report do not; one cluster under two names would copy its records into itself for ever.
 */
export const clusterConfusion = ({ link, flows, source, target }: IdentityFacts): string | undefined => {
  const ids = [source.described.clusterId, target.described.clusterId] as const
  if (ids[0] === ids[1])
    return `${link.source.name} and ${link.target.name} are the same cluster, ${ids[0]}: check their bootstrap servers`
  const ends = [link.source, link.target] as const
  return ends
    .map(({ name, clusterId }, side) => ({ name, declared: clusterId, clusterId: ids[side] ?? '' }))
    .map((reported) => contradiction(reported, flows))
    .find((detail) => detail !== undefined)
}
