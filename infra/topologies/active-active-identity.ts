import type { SelfManagedClusterInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'

/**
 * Two regions that both write to the same names: `orders` holds the orders of both in either region. Names cannot tell
 * where a record comes from, so each record does, in a header (provenance, the default in such a circle), and none
 * returns to where it was first written. Networks are left out here; `self-managed-pair` shows one.
 *
 * The order of records of one key is kept only while it is written in one region at a time.
 */
const cluster = (name: string, region: string): SelfManagedClusterInput => ({
  kind: 'self-managed',
  region,
  bootstrapServers: [1, 2, 3].map((broker) => `b-${broker}.${name}.example.org:9093`),
  login: { kind: 'scram-sha-512', secret: `kafka/${name}/twinshore` },
})

const shared = { topics: ['orders', /customers\..+/], naming: 'identity' } as const

export const topology = defineTopology({
  clusters: {
    ohio: cluster('ohio', 'us-east-2'),
    dublin: cluster('dublin', 'eu-west-1'),
  },
  links: [
    { source: 'ohio', target: 'dublin', ...shared },
    { source: 'dublin', target: 'ohio', ...shared },
  ],
  pairs: [{ clusters: ['ohio', 'dublin'] }],
})
