import { asReplicationError, ReplicationError } from '../domain/errors.ts'
import type { Head } from '../domain/head.ts'
import { type KeyedFrom, keyedFrom, keylessIsBehind } from '../domain/keyless-past.ts'
import { type PartitionId, partitionName } from '../domain/record.ts'
import type { ClusterTopics, TopicFacts, TopicSettings } from '../domain/topic-facts.ts'
import { wantedTopics } from '../domain/topic-plan.ts'
import { type PlanFacts, type PlannedFlow, type PlannedLink, replicaOf } from '../domain/topic-plan-facts.ts'
import type { TopicRecord } from '../domain/topic-record.ts'
import { compacts, type TimestampBounds } from '../domain/topic-settings.ts'
import type { Clock, Deadline, LinkSnapshot, LinkState, SourceLog } from './ports.ts'
import type { MappingControl, PerTopic, TopicAdmin, TopicLedger } from './topic-ports.ts'

export interface SurveyDeps {
  readonly link: PlannedLink
  /** All links of the topology, this one among them. */
  readonly flows: readonly PlannedFlow[]
  readonly source: TopicAdmin
  readonly target: TopicAdmin
  /** The same source, for where its partitions end. */
  readonly sourceLog: Pick<SourceLog, 'describe'>
  readonly ledger: TopicLedger
  readonly state: LinkState
  readonly mappings: MappingControl
  readonly clock: Clock
}

export interface Survey {
  readonly facts: PlanFacts
  /** What could not be found out about single topics. */
  readonly troubles: readonly ReplicationError[]
}

interface Seen {
  readonly source: ClusterTopics
  readonly target: ClusterTopics
  readonly ledger: ReadonlyMap<string, TopicRecord>
  /** Of the source, as far as names tell which are replicated. */
  readonly wanted: readonly TopicFacts[]
}

/**
 * A cluster leaves out of a list what the login may not see, so what is known is asked for by name: only what is said
 * to be absent is.
 *
 * Asks both clusters, the table and Lambda what a plan depends on. The number of requests grows with topics divided by
 * hundreds; heads are read only of topics that are new, made again, or waiting for compaction.
 */
export const surveyTopics = async (deadline: Deadline, deps: SurveyDeps): Promise<Survey> => {
  const { link, flows } = deps
  const ledger = await deps.ledger.topics(deadline)
  const [source, target, mappings, { status }] = await Promise.all([
    deps.source.describe(deadline, [...new Set([...link.topics, ...ledger.keys()])]),
    deps.target.describe(deadline, [...new Set([...ledger.values()].map(({ targetTopic }) => targetTopic))]),
    deps.mappings.list(deadline),
    deps.state.read([], deadline),
  ])
  const names = new Set(wantedTopics({ link, flows, source: { described: source } }))
  const wanted = [...source.topics.values()].filter(({ topic }) => names.has(topic))
  const seen: Seen = { source, target, ledger, wanted }
  const [ofSource, ofTarget] = await readSettings(seen, deadline, deps)
  const { troubles, ...partitions } = await readPartitions(seen, ofSource.told, ofTarget.told, deadline, deps)
  const facts: PlanFacts = {
    link,
    flows,
    now: deps.clock.now(),
    paused: status.mode !== 'forwarding',
    source: { described: source, settings: ofSource.told },
    target: { described: target, settings: ofTarget.told },
    timestampBounds: boundsOf(ofTarget.told),
    ledger,
    mappings,
    ...partitions,
  }
  return { facts, troubles: [...ofSource.troubles, ...ofTarget.troubles, ...troubles] }
}

interface Told {
  readonly told: ReadonlyMap<string, TopicSettings>
  readonly troubles: readonly ReplicationError[]
}

/** A target that has none of the topics yet is asked about any other, to learn what its brokers know. */
const readSettings = async (
  { target, wanted }: Seen,
  deadline: Deadline,
  deps: SurveyDeps,
): Promise<readonly [Told, Told]> => {
  const replicas = wanted.map(({ topic }) => replicaOf(deps.link, topic)).filter((topic) => target.topics.has(topic))
  const asked = replicas.length > 0 ? replicas : [...target.topics.keys()].slice(0, 1)
  return await Promise.all([
    deps.source.settings(
      wanted.map(({ topic }) => topic),
      deadline,
    ),
    deps.target.settings(asked, deadline),
  ]).then(([source, other]) => [sorted(source), replicas.length > 0 ? sorted(other) : hint(other)] as const)
}

const sorted = (answers: PerTopic<TopicSettings>): Told => {
  const told = [...answers].flatMap(([topic, answer]) =>
    answer instanceof ReplicationError ? [] : [[topic, answer] as const],
  )
  const troubles = [...answers.values()].filter((answer) => answer instanceof ReplicationError)
  return { told: new Map(told), troubles }
}

/** What is wrong about a topic that is no replica concerns nobody. */
const hint = (answers: PerTopic<TopicSettings>): Told => ({ told: sorted(answers).told, troubles: [] })

/** Brokers before 3.6 know one bound of timestamps instead of two. */
const boundsOf = (settings: ReadonlyMap<string, TopicSettings>): TimestampBounds => {
  const [any] = settings.values()
  return any === undefined || any.has('message.timestamp.before.max.ms') ? 'before-and-after' : 'difference'
}

type Partitions = Pick<PlanFacts, 'heads' | 'keyedFrom' | 'keylessPastIsBehind'> & Pick<Survey, 'troubles'>

const readPartitions = async (
  seen: Seen,
  ofSource: ReadonlyMap<string, TopicSettings>,
  ofTarget: ReadonlyMap<string, TopicSettings>,
  deadline: Deadline,
  deps: SurveyDeps,
): Promise<Partitions> => {
  const { ledger, wanted } = seen
  const compacting = wanted.filter(({ topic }) => compacts(ofSource.get(topic)))
  const waiting = compacting.filter(({ topic }) => !compacts(ofTarget.get(replicaOf(deps.link, topic))))
  const unsettled = wanted.filter((topic) => !isSettled(topic, seen, deps.link))
  const concerned = [...new Set([...waiting, ...unsettled])]
  const everHad = (topic: TopicFacts) => partitionsEver(topic, seen, deps.link)
  const snapshot = await deps.state.read(concerned.flatMap(everHad), deadline)
  const { starts, troubles } = await keyedStarts(waiting, ledger, deadline, deps)
  const done = (topic: TopicFacts): boolean => {
    const start = starts.get(topic.topic)
    return !waiting.includes(topic) || (start !== undefined && keylessIsBehind(start, checkpoints(topic, snapshot)))
  }
  return {
    heads: new Map(concerned.map((topic) => [topic.topic, incarnations(everHad(topic), snapshot)])),
    keyedFrom: starts,
    keylessPastIsBehind: new Set(compacting.filter(done).map(({ topic }) => topic)),
    troubles,
  }
}

/**
 * Its heads can only be those of the life that the ledger knows: earlier ones are closed before it says so. But for
 * partitions that neither the new life nor a target that was made anew had: their heads come back when they grow.
 */
const isSettled = (facts: TopicFacts, { ledger, target }: Seen, link: PlannedLink): boolean => {
  const record = ledger.get(facts.topic)
  const replica = replicaOf(link, facts.topic)
  return (
    record !== undefined &&
    !record.restarting &&
    record.incarnation === facts.incarnation &&
    record.targetTopic === replica &&
    (target.topics.get(replica)?.partitions ?? 0) >= facts.partitions
  )
}

const partitionsOf = ({ topic, partitions }: TopicFacts): PartitionId[] =>
  Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))

/** An earlier life may have had more partitions than this one; the target, which never shrinks, has them still. */
const partitionsEver = ({ topic, partitions }: TopicFacts, { target }: Seen, link: PlannedLink): PartitionId[] => {
  const replica = target.topics.get(replicaOf(link, topic))
  return Array.from({ length: Math.max(partitions, replica?.partitions ?? 0) }, (_, partition) => ({
    topic,
    partition,
  }))
}

const headOf = (partition: PartitionId, { heads }: LinkSnapshot): Head | undefined => {
  const head = heads.get(partitionName(partition))
  return head instanceof ReplicationError ? undefined : head
}

const incarnations = (partitions: readonly PartitionId[], snapshot: LinkSnapshot): ReadonlyMap<number, string> =>
  new Map(
    partitions.flatMap((partition) => {
      const head = headOf(partition, snapshot)
      return head === undefined ? [] : [[partition.partition, head.incarnation] as const]
    }),
  )

const checkpoints = (topic: TopicFacts, snapshot: LinkSnapshot): readonly (bigint | undefined)[] =>
  partitionsOf(topic).map((partition) => {
    const head = headOf(partition, snapshot)
    return head?.incarnation === topic.incarnation ? head.nextSource : undefined
  })

interface KeyedStarts extends Pick<Survey, 'troubles'> {
  readonly starts: ReadonlyMap<string, KeyedFrom>
}

/** Where the records begin that surely have keys. A topic of which nobody can tell goes on waiting. */
const keyedStarts = async (
  waiting: readonly TopicFacts[],
  ledger: ReadonlyMap<string, TopicRecord>,
  deadline: Deadline,
  { sourceLog }: SurveyDeps,
): Promise<KeyedStarts> => {
  const starts = new Map<string, KeyedFrom>()
  const troubles: ReplicationError[] = []
  const one = async (topic: TopicFacts): Promise<void> => {
    try {
      starts.set(topic.topic, await keyedStart(topic, ledger.get(topic.topic), deadline, sourceLog))
    } catch (error) {
      troubles.push(asReplicationError(error, `finding the ends of ${topic.topic} on the source`))
    }
  }
  await Promise.all(waiting.map(one))
  return { starts, troubles }
}

/** What the ledger says, or the ends as they are now. */
const keyedStart = async (
  topic: TopicFacts,
  record: TopicRecord | undefined,
  deadline: Deadline,
  sourceLog: SurveyDeps['sourceLog'],
): Promise<KeyedFrom> => {
  const known = record?.incarnation === topic.incarnation ? record.keyedFrom : undefined
  if (known !== undefined) return known
  return keyedFrom(await Promise.all(partitionsOf(topic).map((partition) => sourceLog.describe(partition, deadline))))
}
