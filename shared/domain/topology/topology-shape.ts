import type {
  ClusterInput,
  LinkAccess,
  LinkInput,
  Login,
  Network,
  OnSourceDelete,
  PairInput,
  Pollers,
  Thresholds,
  TopologyInput,
} from './topology.ts'
import { isUsable, misfits, optional, type Part, type Shape, strangers } from './topology-fields.ts'
import type { Mistake } from './topology-mistake.ts'
import { failoverParts } from './topology-shape-failover.ts'

const TOPOLOGY: Shape<TopologyInput> = {
  installation: 'text?',
  account: 'text?',
  protect: 'flag?',
  encryptionKeys: 'object?',
  alarmTopics: 'object?',
  runbook: 'text?',
  clusters: 'object',
  links: 'list',
  pairs: 'list?',
}

const CLUSTER: Shape<ClusterInput> = {
  kind: 'text',
  region: 'text',
  bootstrapServers: 'texts',
  login: 'object',
  arn: 'text?',
  tls: 'flag?',
  caSecret: 'text?',
  network: 'object?',
  secretKeys: 'texts?',
  clusterId: 'text?',
  controllerRacks: 'object?',
}

const LOGIN: Shape<Login> = { kind: 'text', secret: 'text?' }

const NETWORK: Shape<Network> = {
  vpcId: 'text',
  availabilityZones: 'texts',
  subnetIds: 'texts',
  securityGroupIds: 'texts',
}

const LINK: Shape<LinkInput> = {
  name: 'text?',
  source: 'text',
  target: 'text',
  topics: 'names',
  exclude: 'names?',
  excludeSettings: 'names?',
  groups: 'names?',
  excludeGroups: 'names?',
  access: 'object?',
  naming: 'text?',
  provenance: 'flag?',
  placement: 'text?',
  compression: 'text?',
  batchSize: 'number?',
  batchWindowMs: 'number?',
  pollers: 'pollers?',
  delivery: 'text?',
  onPoison: 'text?',
  functionTimeoutMs: 'number?',
  appendDeadlineMs: 'number?',
  memoryMiB: 'number?',
  reservedConcurrency: 'number?',
  thresholds: 'object?',
  logRetentionDays: 'number?',
  mapRetentionDays: 'number?',
  syncTopics: 'flag?',
  replicationFactor: 'replicas?',
  onSourceDelete: 'deletion?',
  onRecreate: 'text?',
  syncGroups: 'flag?',
  followRewinds: 'flag?',
  heartbeats: 'flag?',
}

const POLLERS: Shape<Exclude<Pollers, string>> = {
  minimum: 'number',
  maximum: 'number',
  group: 'text?',
}

const THRESHOLDS: Shape<Thresholds> = {
  standstillMs: 'number?',
  functionErrors: 'number?',
  throttles: 'number?',
  lagSeconds: 'number?',
  lagRecords: 'number?',
  timeToLossMs: 'number?',
}

const DELETION: Shape<Exclude<OnSourceDelete, string>> = { deleteAfterDays: 'number' }

const ACCESS: Shape<LinkAccess> = { principals: 'principals', quotas: 'flag?' }

const PAIR: Shape<PairInput> = { name: 'text?', clusters: 'two', failover: 'object?' }

const topologyParts = (input: TopologyInput): readonly Part[] => [{ path: 'topology', value: input, shape: TOPOLOGY }]

const clusterParts = (path: string, cluster: ClusterInput): readonly Part[] => [
  { path, value: cluster, shape: CLUSTER },
  ...optional(`${path}.login`, cluster?.login, LOGIN),
  ...optional(`${path}.network`, cluster?.network, NETWORK),
]

const linkParts = (path: string, link: LinkInput): readonly Part[] => [
  { path, value: link, shape: LINK },
  ...optional(`${path}.pollers`, link?.pollers, POLLERS),
  ...optional(`${path}.thresholds`, link?.thresholds, THRESHOLDS),
  ...optional(`${path}.onSourceDelete`, link?.onSourceDelete, DELETION),
  ...optional(`${path}.access`, link?.access, ACCESS),
]

const pairParts = (path: string, pair: PairInput): readonly Part[] => [
  { path, value: pair, shape: PAIR },
  ...failoverParts(`${path}.failover`, pair?.failover),
]

export const isUsableTopology = (input: TopologyInput): boolean => isUsable(topologyParts(input))
export const isUsableCluster = (cluster: ClusterInput): boolean => isUsable(clusterParts('', cluster))
export const isUsableLink = (link: LinkInput): boolean => isUsable(linkParts('', link))
export const isUsablePair = (pair: PairInput): boolean => isUsable(pairParts('', pair))

export const checkShape = (input: TopologyInput): readonly Mistake[] => {
  const whole = topologyParts(input)
  const parts = !isUsable(whole)
    ? whole
    : [
        ...whole,
        ...Object.entries(input.clusters).flatMap(([name, cluster]) => clusterParts(`clusters.${name}`, cluster)),
        ...input.links.flatMap((link, index) => linkParts(`links[${index}]`, link)),
        ...(input.pairs ?? []).flatMap((pair, index) => pairParts(`pairs[${index}]`, pair)),
      ]
  return parts.flatMap(({ path, value, shape }) => [...misfits(path, value, shape), ...strangers(path, value, shape)])
}
