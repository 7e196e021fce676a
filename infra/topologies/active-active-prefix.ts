import type { SelfManagedClusterInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'

/**
 * Two regions that both write, each under names of its own: `ohio/orders` is `dublin/ohio.orders`, and the other way
 * round. Readers that want all orders subscribe to `orders` and `.+\.orders`. Since data flows both ways, prefixes are
 * the default, and `ohio.orders` does not go back to where it came from. Networks are left out here; `self-managed-pair` shows one.
 */
const cluster = (name: string, region: string): SelfManagedClusterInput => ({
  kind: 'self-managed',
  region,
  bootstrapServers: [1, 2, 3].map((broker) => `b-${broker}.${name}.example.org:9093`),
  login: { kind: 'scram-sha-512', secret: `kafka/${name}/twinshore` },
})

const everything = { topics: [/.+/], exclude: [/.*-tmp/] } as const

export const topology = defineTopology({
  clusters: {
    ohio: cluster('ohio', 'us-east-2'),
    dublin: cluster('dublin', 'eu-west-1'),
  },
  links: [
    { source: 'ohio', target: 'dublin', ...everything },
    { source: 'dublin', target: 'ohio', ...everything },
  ],
  pairs: [{ clusters: ['ohio', 'dublin'] }],
})
