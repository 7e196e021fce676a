import type { SelfManagedClusterInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'

/**
 * A cluster beside each local one that holds what was written anywhere: applications write to the local cluster of their
 * region, and whoever needs the whole picture reads the aggregate next to it. Local clusters receive nothing, so nothing
 * can go round. Networks are left out here; `self-managed-pair` shows one.
 *
 *   west ──┬──► west-all/west.orders, west-all/east.orders
 *          ╳
 *   east ──┴──► east-all/west.orders, east-all/east.orders
 *
 * The names have to tell the origin, although nothing flows back: two regions that write `orders` would become one topic.
 */
const cluster = (name: string, region: string): SelfManagedClusterInput => ({
  kind: 'self-managed',
  region,
  bootstrapServers: [1, 2, 3].map((broker) => `b-${broker}.${name}.example.org:9093`),
  login: { kind: 'scram-sha-512', secret: `kafka/${name}/twinshore` },
})

const everything = { topics: [/.+/], naming: 'prefix' } as const

export const topology = defineTopology({
  clusters: {
    west: cluster('west', 'us-west-2'),
    east: cluster('east', 'us-east-1'),
    'west-all': cluster('west-all', 'us-west-2'),
    'east-all': cluster('east-all', 'us-east-1'),
  },
  links: [
    { source: 'west', target: 'west-all', ...everything },
    { source: 'west', target: 'east-all', ...everything },
    { source: 'east', target: 'west-all', ...everything },
    { source: 'east', target: 'east-all', ...everything },
  ],
})
