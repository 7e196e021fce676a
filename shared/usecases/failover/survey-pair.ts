import { asReplicationError, ReplicationError } from '../../domain/errors.ts'
import type { FailoverMode } from '../../domain/failover/failover-input.ts'
import { kindOf } from '../../domain/failover/preflight-check.ts'
import type {
  ForeignFacts,
  HeadFacts,
  PendingFacts,
  PreflightFacts,
  RoleFacts,
  Told,
} from '../../domain/failover/preflight-facts.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { TopicSettings } from '../../domain/topics/topic-facts.ts'
import type { Deadline } from '../ports.ts'
import type { PerTopic } from '../topics/topic-ports.ts'
import type { DataDeps } from './data-deps.ts'
import { foreignWrites } from './foreign-writes.ts'
import { lookAtCluster, type PairReplicas, replicasByTopic, type SeenCluster } from './seen-cluster.ts'
import { retentionOf, surveyReplicas } from './survey-replicas.ts'

type SurveyDeps = Omit<DataDeps, 'survey'>

/** A cluster that is gone answers never: what it is asked for shall not take the time of the rest. */
const CLUSTER_WITHIN_MS = 15_000
/** A pass of a function. While the source may be gone nobody waits for what only the source could tell. */
const FUNCTIONS_WITHIN_MS = { planned: 70_000, unplanned: 15_000 } as const

/**
 * Gathers what a preflight is made of; changes nothing. What cannot be found out is untold, and hinders nothing else.
 * Throws only when the table of the forward link cannot be read, without which nobody knows what is replicated.
 */
export const surveyPair = async (mode: FailoverMode, deadline: Deadline, deps: SurveyDeps): Promise<PreflightFacts> => {
  const { functions, order, forward } = deps
  const topics = await replicasByTopic(order.forward.order.link, forward.topics, deadline)
  const quick = deps.within(CLUSTER_WITHIN_MS, deadline)
  const slow = deps.within(FUNCTIONS_WITHIN_MS[kindOf(mode)], deadline)
  const pass = <T>(what: string, ask: Promise<T | undefined>) => followed(`planning a pass over the ${what}`, ask)
  try {
    const [clusters, lag, ofTopics, groups, access, racks, disks, roles, pending] = await Promise.all([
      surveyClusters(topics, quick, deadline, deps),
      told('measuring the lag', functions.status(slow)),
      pass('topics', functions.topics('plan', slow)),
      pass('groups', functions.groups('plan', slow)),
      pass('rights', functions.access('plan', slow)),
      told('looking at the racks', functions.racks('target', slow)),
      told('looking at the disks', deps.to.disks.describe(quick)),
      told('reading the roles', rolesOf(quick, deps)),
      told('reading what is pending', pendingOf(mode, quick, deps)),
    ])
    return { now: deps.clock.now(), ...clusters, lag, topics: ofTopics, groups, access, racks, disks, roles, pending }
  } finally {
    quick.end()
    slow.end()
  }
}

const told = async <T>(doing: string, asking: Promise<T>): Promise<Told<T>> => {
  try {
    return { kind: 'told', value: await asking }
  } catch (error) {
    return { kind: 'untold', because: asReplicationError(error, doing).message }
  }
}

/** `undefined`: the link does not keep that in step. */
const followed = async <T>(doing: string, asking: Promise<T | undefined>): Promise<Told<T> | undefined> => {
  const answer = await told(doing, asking)
  if (answer.kind === 'untold') return answer
  return answer.value === undefined ? undefined : { kind: 'told', value: answer.value }
}

type ClusterPart = Pick<
  PreflightFacts,
  'source' | 'target' | 'heads' | 'replicas' | 'foreign' | 'sourceRetention' | 'targetRetention'
>

const surveyClusters = async (
  topics: PairReplicas,
  quick: Deadline,
  deadline: Deadline,
  deps: SurveyDeps,
): Promise<ClusterPart> => {
  const names = [...topics.keys()]
  const nameThere = (topic: string): string => topics.get(topic) ?? topic
  const [source, target, ofSource, ofTarget] = await Promise.all([
    told(
      'looking at the source',
      lookAtCluster(names, (topic) => topic, quick, { admin: deps.from.topics, log: deps.from.log }),
    ),
    told('looking at the target', lookAtCluster(names, nameThere, quick, { admin: deps.to.topics, log: deps.to.log })),
    told('reading settings of the source', deps.from.topics.settings(names, quick)),
    told('reading settings of the target', deps.to.topics.settings([...topics.values()], quick)),
  ])
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

const rolesOf = async (deadline: Deadline, { forward, reverse }: SurveyDeps): Promise<RoleFacts> => {
  const reading = reverse && told('reading the role of the source', reverse.pair.read(deadline))
  const { status } = await forward.pair.read(deadline)
  const other = await reading
  if (other === undefined) return { forward: status }
  return { forward: status, reverse: other.kind === 'told' ? { kind: 'told', value: other.value.status } : other }
}

/**
 * Of either direction. What the region that is gone was to do for the other one cannot be asked in an unplanned failover;
 * a target that was given up before it would not have the role of a standby.
 */
const pendingOf = async (
  mode: FailoverMode,
  deadline: Deadline,
  { forward, reverse }: SurveyDeps,
): Promise<PendingFacts | undefined> => {
  const asking = reverse && told('reading what is pending in the other region', reverse.pending.pending(deadline))
  const ours = await forward.pending.pending(deadline)
  const theirs = await asking
  if (ours !== undefined) return ours
  if (theirs?.kind === 'told') return theirs.value
  if (theirs === undefined || mode === 'unplanned') return undefined
  throw new ReplicationError('STATE_UNREACHABLE', `looking for what is pending: ${theirs.because}`)
}
