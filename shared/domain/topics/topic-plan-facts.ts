import type { EndedLives } from '../lag/ended-life.ts'
import type { Cluster, Link } from '../topology/topology.ts'
import type { KeyedFrom } from './keyless-past.ts'
import type { LinkMapping } from './mapping-plan.ts'
import type { PlanNote } from './plan-note.ts'
import type { ClusterTopics, TopicFacts, TopicSettings } from './topic-facts.ts'
import { replicaName, replicaTemplate } from './topic-naming.ts'
import type { TopicFlow } from './topic-origin.ts'
import type { TopicRecord } from './topic-record.ts'
import type { SelectingLink } from './topic-selection.ts'
import type { TimestampBounds } from './topic-settings.ts'
import type { TopicStep } from './topic-step.ts'

type IdentifiedCluster = Pick<Cluster, 'name' | 'clusterId'>

/** What of a link its plan depends on. */
export type PlannedLink = Omit<SelectingLink, 'source' | 'target'> &
  Pick<Link, 'excludeSettings' | 'replicationFactor' | 'onSourceDelete' | 'onRecreate'> & {
    readonly source: IdentifiedCluster
    readonly target: IdentifiedCluster
  }

/** What of every link of the topology the plan of one of them depends on. */
export type PlannedFlow = TopicFlow & { readonly source: IdentifiedCluster; readonly target: IdentifiedCluster }

export interface DescribedCluster {
  readonly described: ClusterTopics
  /** Of the topics that were asked for and told. */
  readonly settings: ReadonlyMap<string, TopicSettings>
}

/** All that is known when a plan is made. */
export interface PlanFacts {
  readonly link: PlannedLink
  /** All links of the topology, this one among them. */
  readonly flows: readonly PlannedFlow[]
  /** Milliseconds since 1970. */
  readonly now: number
  /** Whether an operator has stopped the link. */
  readonly paused: boolean
  /** Whether applications write to the target: then its topics are nobody's replicas, and are left as they are. */
  readonly targetIsActive: boolean
  readonly source: DescribedCluster
  readonly target: DescribedCluster
  /** What the brokers of the target know. */
  readonly timestampBounds: TimestampBounds
  /** By topic of the source, like all that follows. */
  readonly ledger: ReadonlyMap<string, TopicRecord>
  /** Lives that are over, as who measures the lag saw them last. */
  readonly ended: EndedLives
  /** The incarnations of the heads, by partition. */
  readonly heads: ReadonlyMap<string, ReadonlyMap<number, string>>
  /** Of this link. */
  readonly mappings: readonly LinkMapping[]
  /** Of topics whose compaction waits. */
  readonly keyedFrom: ReadonlyMap<string, KeyedFrom>
  /** Topics of which every record without a key is replicated. */
  readonly keylessPastIsBehind: ReadonlySet<string>
}

/** What the facts say of one replicated topic that the source has. */
export interface TopicView {
  readonly topic: string
  readonly targetTopic: string
  readonly source: TopicFacts
  readonly sourceSettings: TopicSettings | undefined
  readonly target: TopicFacts | undefined
  readonly targetSettings: TopicSettings | undefined
  readonly record: TopicRecord | undefined
  readonly heads: ReadonlyMap<number, string>
  readonly mappings: readonly LinkMapping[]
  readonly madeBy: LinkMapping['madeBy']
}

export const replicaOf = ({ naming, source }: PlannedLink, topic: string): string =>
  replicaName(replicaTemplate(naming, source.name), topic)

export const viewOf = (facts: PlanFacts, source: TopicFacts, madeBy: LinkMapping['madeBy']): TopicView => {
  const { topic } = source
  const targetTopic = replicaOf(facts.link, topic)
  return {
    topic,
    targetTopic,
    source,
    sourceSettings: facts.source.settings.get(topic),
    target: facts.target.described.topics.get(targetTopic),
    targetSettings: facts.target.settings.get(targetTopic),
    record: facts.ledger.get(topic),
    heads: facts.heads.get(topic) ?? new Map(),
    mappings: facts.mappings.filter((mapping) => mapping.topic === topic),
    madeBy,
  }
}

/** What is to be done about one topic, and to be said. */
export interface TopicPlanPart {
  readonly steps: readonly TopicStep[]
  readonly notes: readonly PlanNote[]
}
