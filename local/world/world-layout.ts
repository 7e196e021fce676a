import { type LocalLink, type LocalName, type LocalWorld, localTopology } from '../../infra/topologies/local.ts'
import type { Topology } from '../../shared/domain/topology/topology.ts'
import type { LocalCluster } from '../kafka/cluster.ts'
import { topologyAccess } from './world-security.ts'

/** Which clusters a world has, and how they are linked. The ends of the first link are its `source` and `target`. */
export interface WorldLayout {
  /** The region of each cluster by its name. */
  readonly clusters: Readonly<Record<string, string>>
  readonly links: LocalWorld['links']
  /** How the pair of the first link's ends fails over. @default it does not */
  readonly failover?: NonNullable<LocalWorld['failover']>
}

/** Whatever a link shall be like, besides its ends and topics. */
export type LinkWishes = Partial<Omit<LocalLink, 'source' | 'target' | 'topics'>>

const DEFAULT_TOPICS = ['orders']
const REGIONS = { west: 'us-west-2', east: 'eu-west-1' } as const

/** Two clusters and one link. */
export const onePair = (topics: readonly LocalName[] = DEFAULT_TOPICS, link: LinkWishes = {}): WorldLayout => ({
  clusters: REGIONS,
  links: [{ source: 'west', target: 'east', topics, ...link }],
})

/** Two clusters, a link each way that is alike, and the failover between them; `west` is active at first. */
export const pairThatFailsOver = (
  link: Omit<LocalLink, 'source' | 'target'>,
  failover: Omit<NonNullable<WorldLayout['failover']>, 'active'>,
): WorldLayout => ({
  clusters: REGIONS,
  links: [
    { source: 'west', target: 'east', ...link },
    { source: 'east', target: 'west', ...link },
  ],
  failover: { active: 'west', ...failover },
})

export const regionsOf = ({ clusters }: WorldLayout): string[] => [...new Set(Object.values(clusters))]

/** The clusters of a layout, running. */
export interface WorldClusters {
  readonly source: LocalCluster
  readonly target: LocalCluster
  /** All of them, by name. */
  readonly clusters: ReadonlyMap<string, LocalCluster>
  /** What the topology `local` is told of them. */
  readonly local: LocalWorld
  readonly topology: Topology
}

export const worldClusters = (layout: WorldLayout, running: readonly LocalCluster[]): WorldClusters => {
  const clusters = new Map(running.map((cluster) => [cluster.name, cluster]))
  const local: LocalWorld = {
    clusters: Object.fromEntries(
      running.map((cluster) => [
        cluster.name,
        { region: layout.clusters[cluster.name] ?? '', ...topologyAccess(cluster) },
      ]),
    ),
    links: layout.links,
    ...(layout.failover && { failover: layout.failover }),
  }
  const [{ source, target }] = layout.links
  const one = (name: string): LocalCluster => {
    const found = clusters.get(name)
    if (found === undefined) throw new Error(`bringing up the world: its first link names ${name}, which it lacks`)
    return found
  }
  return { source: one(source), target: one(target), clusters, local, topology: localTopology(local) }
}
