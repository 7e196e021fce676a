import { ReplicationError } from '../../domain/errors.ts'
import type { ForeignFacts, HeadFacts, PreflightFacts, Told } from '../../domain/failover/preflight-facts.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { TopicSettings } from '../../domain/topics/topic-facts.ts'
import type { Deadline } from '../ports.ts'
import type { PerTopic } from '../topics/topic-ports.ts'
import type { DataDeps } from './data-deps.ts'
import { foreignWrites } from './foreign-writes.ts'
import { lookAtCluster, type PairReplicas, type SeenCluster } from './seen-cluster.ts'
import { retentionOf, surveyReplicas } from './survey-replicas.ts'
import { told } from './told.ts'

export type SurveyDeps = Omit<DataDeps, 'survey'>

type ClusterPart = Pick<
  PreflightFacts,
  'source' | 'target' | 'heads' | 'replicas' | 'foreign' | 'sourceRetention' | 'targetRetention'
>

/**
 * What the clusters themselves say, and the heads of the link. `patienceMs`: for a cluster that may be gone, which takes all
 * of it; whoever is asked afterwards has as much again.
 */
export const surveyClusters = async (
  topics: PairReplicas,
  patienceMs: number,
  deadline: Deadline,
  deps: SurveyDeps,
): Promise<ClusterPart> => {
  const seen = await patiently(patienceMs, deadline, deps, (quick) => lookAtBoth(topics, quick, deps))
  return await patiently(patienceMs, deadline, deps, (quick) => partsOf(topics, seen, { quick, deadline }, deps))
}

const patiently = async <Answer>(
  ms: number,
  deadline: Deadline,
  { within }: Pick<SurveyDeps, 'within'>,
  ask: (quick: Deadline) => Promise<Answer>,
): Promise<Answer> => {
  const quick = within(ms, deadline)
  try {
    return await ask(quick)
  } finally {
    quick.end()
  }
}

const targetNameOf =
  (topics: PairReplicas) =>
  (topic: string): string =>
    topics.get(topic) ?? topic

const lookAtBoth = async (topics: PairReplicas, quick: Deadline, deps: SurveyDeps) => {
  const names = [...topics.keys()]
  const nameThere = targetNameOf(topics)
  const [source, target, ofSource, ofTarget] = await Promise.all([
    told(
      'looking at the source',
      lookAtCluster(names, (topic) => topic, quick, { admin: deps.from.topics, log: deps.from.log }),
    ),
    told('looking at the target', lookAtCluster(names, nameThere, quick, { admin: deps.to.topics, log: deps.to.log })),
    told('reading settings of the source', deps.from.topics.settings(names, quick)),
    told('reading settings of the target', deps.to.topics.settings([...topics.values()], quick)),
  ])
  return { source, target, ofSource, ofTarget }
}

const partsOf = async (
  topics: PairReplicas,
  { source, target, ofSource, ofTarget }: Awaited<ReturnType<typeof lookAtBoth>>,
  { quick, deadline }: { readonly quick: Deadline; readonly deadline: Deadline },
  deps: SurveyDeps,
): Promise<ClusterPart> => {
  const nameThere = targetNameOf(topics)
  const partitions = source.kind === 'told' ? source.value.partitions : partitionsIn(target)
  const [heads, replicas, foreign] = await Promise.all([
    told('reading the heads', headsOf(partitions, quick, deps)),
    told('looking at the replicas', replicasOf(topics, ofTarget, quick, deps)),
    told('looking for foreign writes', foreignOf(target, nameThere, deadline, deps)),
  ])
  return {
    source: factsOf(source),
    target: factsOf(target),
    heads,
    replicas,
    foreign,
    sourceRetention: retentionIn(ofSource, source),
    targetRetention: retentionIn(ofTarget, target, nameThere),
  }
}

const factsOf = (seen: Told<SeenCluster>): PreflightFacts['source'] =>
  seen.kind === 'told' ? { kind: 'told', value: seen.value.facts } : seen

const partitionsIn = (seen: Told<SeenCluster>): readonly PartitionId[] =>
  seen.kind === 'told' ? seen.value.partitions : []

/** Of topics that are there: a topic that the link names and nobody has made keeps nothing. */
const retentionIn = (
  settings: Told<PerTopic<TopicSettings>>,
  seen: Told<SeenCluster>,
  nameThere = (topic: string) => topic,
): PreflightFacts['sourceRetention'] => {
  if (settings.kind === 'untold') return settings
  if (seen.kind === 'untold') return seen
  const there = new Set([...seen.value.facts.partitions.keys()].map(nameThere))
  return { kind: 'told', value: retentionOf(new Map([...settings.value].filter(([topic]) => there.has(topic)))) }
}

const headsOf = async (
  partitions: readonly PartitionId[],
  deadline: Deadline,
  deps: SurveyDeps,
): Promise<HeadFacts> => {
  const { heads } = await deps.forward.state.readVerified(partitions, deadline)
  const found = partitions.map((id) => ({ id, head: heads.get(partitionName(id)) }))
  const standing = found.filter(({ head }) => head instanceof ReplicationError || head?.rewoundTo !== undefined)
  const unread = found.filter(({ head }) => !(head instanceof ReplicationError) && head?.unverifiedFrom !== undefined)
  return {
    partitions: partitions.length,
    standing: standing.map(({ id }) => id),
    unread: unread.map(({ id }) => id),
  }
}

const replicasOf = async (
  topics: PairReplicas,
  settings: Told<PerTopic<TopicSettings>>,
  deadline: Deadline,
  { to }: SurveyDeps,
) =>
  await surveyReplicas(new Set(topics.values()), settings.kind === 'told' ? settings.value : new Map(), deadline, {
    layout: to.layout,
  })

const NOT_LOOKED_FOR: ForeignFacts = { records: 0, partitions: [], growing: false, untold: 0 }

/** Where records tell where they come from, both sides write to the same topics, and nobody is foreign there. */
const foreignOf = async (
  target: Told<SeenCluster>,
  targetTopic: (topic: string) => string,
  deadline: Deadline,
  { order, forward, to, rest }: SurveyDeps,
): Promise<ForeignFacts> => {
  const { link } = order.forward.order
  if (link.provenance) return NOT_LOOKED_FOR
  if (target.kind === 'untold')
    throw new ReplicationError('TARGET_UNREACHABLE', `looking for foreign writes of ${link.name}: ${target.because}`)
  const { partitions, edges } = target.value
  return await foreignWrites(partitions, edges, deadline, {
    targetTopic,
    targetLog: to.log,
    state: forward.state,
    rest,
  })
}
