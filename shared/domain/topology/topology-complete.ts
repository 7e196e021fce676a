import { anchored } from '../topics/name-pattern.ts'
import type {
  Cluster,
  ClusterInput,
  Link,
  LinkInput,
  Naming,
  Pair,
  PairInput,
  Thresholds,
  Topology,
  TopologyInput,
} from './topology.ts'
import { circleThrough } from './topology-circles.ts'
import { completeFailover, failsOver, withInitialModes } from './topology-complete-failover.ts'
import { DEFAULTS } from './topology-defaults.ts'
import { withBeats, withHeartbeats } from './topology-heartbeats.ts'
import { isUsableCluster, isUsableLink, isUsablePair } from './topology-shape.ts'

const completeCluster = (name: string, input: ClusterInput): Cluster => ({
  ...input,
  name,
  tls: input.tls ?? DEFAULTS.tls.value,
})

const linkName = ({ name, source, target }: LinkInput): string => name ?? `${source}-${target}`

const pairName = ({ name, clusters }: PairInput): string => name ?? clusters.join('-')

/** Everywhere that records of a cluster come to, itself included. */
const reachedFrom = (links: readonly LinkInput[], cluster: string): ReadonlySet<string> => {
  const reached = new Set([cluster])
  // A set that grows while it is walked is walked to its new end.
  for (const one of reached) for (const { source, target } of links) if (source === one) reached.add(target)
  return reached
}

const usualNaming = (topology: TopologyInput, input: LinkInput): Naming => {
  const mayReturn = reachedFrom(topology.links, input.target).has(input.source)
  return mayReturn && !failsOver(topology, input) ? 'prefix' : 'identity'
}

const thresholdsOf = ({ thresholds = {} }: LinkInput): Thresholds => ({
  standstillMs: thresholds.standstillMs ?? DEFAULTS.standstillMs.value,
  functionErrors: thresholds.functionErrors ?? DEFAULTS.functionErrors.value,
  throttles: thresholds.throttles ?? DEFAULTS.throttles.value,
  lagSeconds: thresholds.lagSeconds ?? DEFAULTS.lagSeconds.value,
  ...(thresholds.lagRecords !== undefined && { lagRecords: thresholds.lagRecords }),
  timeToLossMs: thresholds.timeToLossMs ?? DEFAULTS.timeToLossMs.value,
})

const completeLink = (topology: TopologyInput, input: LinkInput, source: Cluster, target: Cluster): Link => ({
  installation: topology.installation ?? DEFAULTS.installation.value,
  name: linkName(input),
  source,
  target,
  topics: input.topics.filter((topic) => typeof topic === 'string'),
  patterns: input.topics.filter((topic) => typeof topic !== 'string').map(anchored),
  exclude: (input.exclude ?? []).map(anchored),
  excludeSettings: (input.excludeSettings ?? []).map(anchored),
  groups: (input.groups ?? [/.*/]).map(anchored),
  excludeGroups: (input.excludeGroups ?? []).map(anchored),
  syncGroups: input.syncGroups ?? DEFAULTS.syncGroups.value,
  followRewinds: input.followRewinds ?? DEFAULTS.followRewinds.value,
  heartbeats: false,
  provenance: input.provenance ?? false,
  naming: input.naming ?? usualNaming(topology, input),
  initialMode: 'forwarding',
  placement: input.placement ?? DEFAULTS.placement.value,
  compression: input.compression ?? DEFAULTS.compression.value,
  batchSize: input.batchSize ?? DEFAULTS.batchSize.value,
  batchWindowMs: input.batchWindowMs ?? DEFAULTS.batchWindowMs.value,
  pollers: input.pollers ?? DEFAULTS.pollers.value,
  delivery: input.delivery ?? DEFAULTS.delivery.value,
  onPoison: input.onPoison ?? DEFAULTS.onPoison.value,
  functionTimeoutMs: input.functionTimeoutMs ?? DEFAULTS.functionTimeoutMs.value,
  appendDeadlineMs: input.appendDeadlineMs ?? DEFAULTS.appendDeadlineMs.value,
  memoryMiB: input.memoryMiB ?? DEFAULTS.memoryMiB.value,
  logRetentionDays: input.logRetentionDays ?? DEFAULTS.logRetentionDays.value,
  mapRetentionDays: input.mapRetentionDays ?? DEFAULTS.mapRetentionDays.value,
  syncTopics: input.syncTopics ?? DEFAULTS.syncTopics.value,
  replicationFactor: input.replicationFactor ?? DEFAULTS.replicationFactor.value,
  onSourceDelete: input.onSourceDelete ?? DEFAULTS.onSourceDelete.value,
  onRecreate: input.onRecreate ?? DEFAULTS.onRecreate.value,
  thresholds: thresholdsOf(input),
  ...(input.access === undefined
    ? {}
    : { access: { ...input.access, quotas: input.access.quotas ?? DEFAULTS.accessQuotas.value } }),
  ...(input.reservedConcurrency === undefined ? {} : { reservedConcurrency: input.reservedConcurrency }),
})

/** A part of a topology, and where it was written. */
export interface Written<T> {
  readonly path: string
  readonly part: T
}

export const completeClusters = ({ clusters }: TopologyInput): readonly Cluster[] =>
  Object.entries<ClusterInput>(clusters)
    .filter(([, cluster]) => isUsableCluster(cluster))
    .map(([name, cluster]) => completeCluster(name, cluster))

export interface WrittenLink extends Written<Link> {
  readonly input: LinkInput
}

/** Where a topic of a link was written; the topic of its beats is not written at all. */
export const topicPath = ({ path, input }: WrittenLink, topic: string): string => {
  const index = input.topics.indexOf(topic)
  return index === -1 ? `${path}.heartbeats` : `${path}.topics[${index}]`
}

/** The links that can be told from what was written: those with usable fields and usable clusters. */
export const completeLinks = (topology: TopologyInput, clusters: readonly Cluster[]): readonly WrittenLink[] => {
  const named = new Map(clusters.map((cluster) => [cluster.name, cluster]))
  const links = topology.links.flatMap((input, index) => {
    if (!isUsableLink(input)) return []
    const [source, target] = [named.get(input.source), named.get(input.target)]
    if (source === undefined || target === undefined) return []
    const part = completeLink(topology, input, source, target)
    return [{ path: `links[${index}]`, input, part: input.heartbeats === true ? withBeats(part) : part }]
  })
  return withHeartbeats(withProvenance(withInitialModes(topology, links)))
}

/** Where nobody said it, records tell where they come from exactly if names do not and they could come back. */
const withProvenance = (entries: readonly WrittenLink[]): readonly WrittenLink[] => {
  const links = entries.map(({ part }) => part)
  return entries.map(({ path, input, part }) => {
    const provenance = input.provenance ?? circleThrough(part, links) !== undefined
    return { path, input, part: { ...part, provenance } }
  })
}

export const completePairs = (input: TopologyInput, links: readonly Link[]): readonly Written<Pair>[] =>
  (input.pairs ?? []).flatMap((pair, index) =>
    isUsablePair(pair) ? [{ path: `pairs[${index}]`, part: completePair(pair, links) }] : [],
  )

const completePair = (input: PairInput, links: readonly Link[]): Pair => {
  const [one, other] = input.clusters
  const isBetween = ({ source, target }: Link): boolean =>
    (source.name === one && target.name === other) || (source.name === other && target.name === one)
  return {
    name: pairName(input),
    clusters: input.clusters,
    links: links.filter(isBetween),
    ...(input.failover === undefined ? {} : { failover: completeFailover(input.failover) }),
  }
}

/** The topology with all its defaults; parts that are no use are left out, since `checkTopology` reports them. */
export const completeTopology = (input: TopologyInput): Topology => {
  const clusters = completeClusters(input)
  const links = completeLinks(input, clusters).map(({ part }) => part)
  return {
    installation: input.installation ?? DEFAULTS.installation.value,
    ...(input.account === undefined ? {} : { account: input.account }),
    protect: input.protect ?? DEFAULTS.protect.value,
    encryptionKeys: input.encryptionKeys ?? {},
    alarmTopics: input.alarmTopics ?? {},
    ...(input.runbook === undefined ? {} : { runbook: input.runbook }),
    clusters,
    links,
    pairs: completePairs(input, links).map(({ part }) => part),
  }
}
