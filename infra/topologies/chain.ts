import type { SelfManagedClusterInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'

/**
 * From cluster to cluster, each fed by the one before, under the same names: one crossing of each border, however many
 * clusters follow. It never turns back, so names need no origin and records no provenance. Networks are left out here; `self-managed-pair` shows one.
 *
 *   plant ──► region ──► archive
 *
 * The archive keeps longer than its source does, so its retention is its own.
 */
const cluster = (name: string, region: string): SelfManagedClusterInput => ({
  kind: 'self-managed',
  region,
  bootstrapServers: [1, 2, 3].map((broker) => `b-${broker}.${name}.example.org:9093`),
  login: { kind: 'scram-sha-512', secret: `kafka/${name}/twinshore` },
})

export const topology = defineTopology({
  clusters: {
    plant: cluster('plant', 'us-east-2'),
    region: cluster('region', 'us-east-1'),
    archive: cluster('archive', 'us-west-2'),
  },
  links: [
    { source: 'plant', target: 'region', topics: [/machines\..+/] },
    {
      source: 'region',
      target: 'archive',
      topics: [/machines\..+/],
      excludeSettings: [/retention\..+/],
      onRecreate: 'fault',
    },
  ],
})
