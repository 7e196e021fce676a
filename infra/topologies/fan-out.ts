import type { SelfManagedClusterInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'

/**
 * One cluster that publishes, and regions that read near to where they are, under the same names. A topic that the
 * publisher deletes goes from the readers a week later. Networks are left out here; `self-managed-pair` shows one.
 */
const cluster = (name: string, region: string): SelfManagedClusterInput => ({
  kind: 'self-managed',
  region,
  bootstrapServers: [1, 2, 3].map((broker) => `b-${broker}.${name}.example.org:9093`),
  login: { kind: 'scram-sha-512', secret: `kafka/${name}/twinshore` },
})

const published = {
  topics: ['reference-data', /public\..+/],
  exclude: [/.*\.draft/],
  onSourceDelete: { deleteAfterDays: 7 },
} as const

export const topology = defineTopology({
  clusters: {
    publisher: cluster('publisher', 'us-east-1'),
    dublin: cluster('dublin', 'eu-west-1'),
    tokyo: cluster('tokyo', 'ap-northeast-1'),
    sydney: cluster('sydney', 'ap-southeast-2'),
  },
  links: [
    { source: 'publisher', target: 'dublin', ...published },
    { source: 'publisher', target: 'tokyo', ...published },
    { source: 'publisher', target: 'sydney', ...published },
  ],
})
