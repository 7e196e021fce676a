import type { SelfManagedClusterInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'

/**
 * Regions that talk through a hub: it gets everything of every spoke under a name that tells whose it is, and gives every
 * spoke the catalogue that it keeps for all of them. Networks are left out here; `self-managed-pair` shows one.
 *
 *   ohio ──► hub/ohio.orders            hub/catalog.prices ──► ohio/catalog.prices
 *   dublin ──► hub/dublin.orders                          ╰──► dublin/catalog.prices
 *
 * What the hub gave does not come back to it: `catalog.prices` on a spoke is known to come from the hub.
 */
const cluster = (name: string, region: string): SelfManagedClusterInput => ({
  kind: 'self-managed',
  region,
  bootstrapServers: [1, 2, 3].map((broker) => `b-${broker}.${name}.example.org:9093`),
  login: { kind: 'scram-sha-512', secret: `kafka/${name}/twinshore` },
})

const fromHub = { topics: [/catalog\..+/], naming: 'identity' } as const

export const topology = defineTopology({
  clusters: {
    hub: cluster('hub', 'us-east-1'),
    ohio: cluster('ohio', 'us-east-2'),
    dublin: cluster('dublin', 'eu-west-1'),
  },
  links: [
    { source: 'ohio', target: 'hub', topics: [/.+/], exclude: [/.*-tmp/] },
    { source: 'dublin', target: 'hub', topics: [/.+/], exclude: [/.*-tmp/] },
    { source: 'hub', target: 'ohio', ...fromHub },
    { source: 'hub', target: 'dublin', ...fromHub },
  ],
})
