import { ReplicationError } from '../../domain/errors.ts'
import type { TopicSettings } from '../../domain/topics/topic-facts.ts'
import { wantedTopics } from '../../domain/topics/topic-plan.ts'
import { type PlanFacts, type PlannedFlow, replicaOf } from '../../domain/topics/topic-plan-facts.ts'
import type { TimestampBounds } from '../../domain/topics/topic-settings.ts'
import type { LagLedger } from '../lag/lag-ports.ts'
import type { Clock, Deadline } from '../ports.ts'
import { surveyEnded } from './survey-ended.ts'
import { type PartitionSurveyDeps, type SeenTopics, surveyPartitions } from './survey-partitions.ts'
import type { MappingControl, PerTopic, TopicAdmin, TopicLedger } from './topic-ports.ts'

export interface SurveyDeps extends PartitionSurveyDeps {
  /** All links of the topology, this one among them. */
  readonly flows: readonly PlannedFlow[]
  readonly source: TopicAdmin
  readonly target: TopicAdmin
  readonly ledger: TopicLedger
  readonly mappings: MappingControl
  readonly lag: Pick<LagLedger, 'read'>
  readonly clock: Clock
}

export interface Survey {
  readonly facts: PlanFacts
  /** What could not be found out about single topics. */
  readonly troubles: readonly ReplicationError[]
}

/**
 * A cluster leaves out of a list what the login may not see, so what is known is asked for by name: only what is said
 * to be absent is.
 *
 * Asks both clusters, the table and Lambda what a plan depends on. The number of requests grows with topics divided by
 * hundreds.
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
  const seen: SeenTopics = { source, target, ledger, wanted }
  const [ofSource, ofTarget] = await readSettings(seen, deadline, deps)
  const over = await surveyEnded(seen, deadline, deps)
  const { troubles, ...partitions } = await surveyPartitions(seen, ofSource.told, ofTarget.told, deadline, deps)
  const facts: PlanFacts = {
    link,
    flows,
    now: deps.clock.now(),
    paused: status.mode !== 'forwarding',
    targetIsActive: status.role === 'active',
    source: { described: source, settings: ofSource.told },
    target: { described: target, settings: ofTarget.told },
    timestampBounds: boundsOf(ofTarget.told),
    ledger,
    ended: over.ended,
    mappings,
    ...partitions,
  }
  return { facts, troubles: [...ofSource.troubles, ...ofTarget.troubles, ...over.troubles, ...troubles] }
}

interface Told {
  readonly told: ReadonlyMap<string, TopicSettings>
  readonly troubles: readonly ReplicationError[]
}

/** A target that has none of the topics yet is asked about any other, to learn what its brokers know. */
const readSettings = async (
  { target, wanted }: SeenTopics,
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
