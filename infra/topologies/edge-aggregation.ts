import type { SelfManagedClusterInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'

/**
 * Many small clusters at the edge, one large one that gathers what they measure: `store-1/telemetry.doors` becomes
 * `central/edge.store-1.telemetry.doors`. An edge may be away for days; its records wait there, and one that the centre
 * refuses is put aside instead of holding up the rest. Networks are left out here; `self-managed-pair` shows one.
 */
const cluster = (name: string, region: string): SelfManagedClusterInput => ({
  kind: 'self-managed',
  region,
  bootstrapServers: [1, 2, 3].map((broker) => `b-${broker}.${name}.example.org:9093`),
  login: { kind: 'scram-sha-512', secret: `kafka/${name}/twinshore` },
})

const toCentre = {
  target: 'central',
  topics: [/telemetry\..+/],
  naming: 'edge.{source}.{topic}',
  replicationFactor: 3,
  onPoison: 'quarantine',
  batchWindowMs: 5_000,
  thresholds: { standstillMs: 86_400_000 },
} as const

const STORES = ['store-1', 'store-2', 'store-3'] as const

export const topology = defineTopology({
  clusters: {
    central: cluster('central', 'eu-central-1'),
    'store-1': cluster('store-1', 'eu-central-1'),
    'store-2': cluster('store-2', 'eu-central-1'),
    'store-3': cluster('store-3', 'eu-central-1'),
  },
  links: STORES.map((store) => ({ name: store, source: store, ...toCentre })),
})
