import { clusterConfusion } from './cluster-identity.ts'
import { planLostTails } from './lost-tail.ts'
import { planMapping } from './mapping-plan.ts'
import type { PlanNote } from './plan-note.ts'
import { planAbsent, seenAgain } from './topic-absence.ts'
import type { TopicFacts } from './topic-facts.ts'
import { lifeOf, planLife } from './topic-life.ts'
import { type DescribedCluster, type PlanFacts, type TopicPlanPart, viewOf } from './topic-plan-facts.ts'
import type { TopicRecord } from './topic-record.ts'
import { type LeftOutBecause, type SelectionVerdict, topicSelection } from './topic-selection.ts'
import {
  idlePatterns,
  mayExist,
  missingTopics,
  nothingShown,
  undescribedSources,
  undescribedTarget,
} from './topic-shortage.ts'
import { inOrder, type TopicStep } from './topic-step.ts'
import { planStructure } from './topic-structure.ts'

/** A topic of the source that is not replicated, and why. */
export interface LeftOutTopic {
  readonly topic: string
  readonly because: LeftOutBecause
  readonly detail: string
}

/** What the next pass does for a link; `refused`: nothing at all, since the link is not what it seems. */
export type TopicPlan =
  | { readonly kind: 'refused'; readonly detail: string }
  | {
      readonly kind: 'planned'
      /** In the order in which they are to be done; one that fails stops the later ones of its topic, and no others. */
      readonly steps: readonly TopicStep[]
      readonly notes: readonly PlanNote[]
      readonly leftOut: readonly LeftOutTopic[]
    }

type Verdicts = ReadonlyMap<string, SelectionVerdict>

/** From what two clusters, the ledger and Lambda say, to what is missing for the target to follow the source. */
export const planTopics = (facts: PlanFacts): TopicPlan => {
  const refusal = clusterConfusion(facts)
  if (refusal !== undefined) return { kind: 'refused', detail: refusal }
  const verdicts = verdictsOf(facts)
  const doubt = nothingShown(facts)
  if (doubt.length > 0) return { kind: 'planned', steps: [], notes: doubt, leftOut: [] }
  const parts = [
    ...[...facts.source.described.topics.values()].map((topic) => planOne(facts, topic, verdicts)),
    ...absentTopics(facts).map(([topic, record]) => planAbsent(facts, topic, record)),
    ...strayMappings(facts),
    { steps: planLostTails(facts), notes: [] },
  ]
  return {
    kind: 'planned',
    steps: inOrder(parts.flatMap(({ steps }) => steps)).filter((step) => !facts.targetIsActive || !changesTarget(step)),
    notes: [
      ...parts.flatMap(({ notes }) => notes),
      ...undescribedSources(facts),
      ...idlePatterns(facts, verdicts),
      ...missingTopics(facts),
    ],
    leftOut: leftOutTopics(verdicts),
  }
}

const changesTarget = ({ kind }: TopicStep): boolean =>
  kind === 'create' || kind === 'grow' || kind === 'alter' || kind === 'remove'

/** The topics of which a plan needs settings and heads: those that are replicated as far as their names tell. */
export const wantedTopics = ({
  link,
  flows,
  source,
}: Pick<PlanFacts, 'link' | 'flows'> & { readonly source: Pick<DescribedCluster, 'described'> }): readonly string[] => {
  const select = topicSelection(link, flows)
  return [...source.described.topics.values()]
    .filter((topic) => select(topic, undefined).replicate)
    .map(({ topic }) => topic)
}

const verdictsOf = ({ link, flows, source }: PlanFacts): Verdicts => {
  const select = topicSelection(link, flows)
  const topics = [...source.described.topics.values()]
  return new Map(topics.map((facts) => [facts.topic, select(facts, source.settings.get(facts.topic))]))
}

/** One topic stops at most itself. */
const planOne = (facts: PlanFacts, topic: TopicFacts, verdicts: Verdicts): TopicPlanPart => {
  const verdict = verdicts.get(topic.topic)
  if (verdict?.replicate !== true) return planLeftOut(facts, topic.topic)
  const view = viewOf(facts, topic, verdict.mapping)
  const unclear = undescribedTarget(facts, view)
  if (unclear.length > 0) return { steps: [], notes: unclear }
  const life = lifeOf(facts, view)
  if (life.kind === 'stands' || life.kind === 'lags') return planLife(facts, view, life)
  const structure = planStructure(facts, view)
  if (structure.notes.some(({ severity }) => severity === 'fault')) return structure
  const { steps, notes } = planLife(facts, view, life)
  return { steps: [...structure.steps, ...steps], notes: [...structure.notes, ...notes] }
}

const planLeftOut = ({ mappings, ledger }: PlanFacts, topic: string): TopicPlanPart => {
  const ofTopic = mappings.filter((mapping) => mapping.topic === topic)
  const steps = [...seenAgain(topic, ledger.get(topic)), ...planMapping(topic, 'none', 'run-time', ofTopic)]
  return { steps, notes: [] }
}

const leftOutTopics = (verdicts: Verdicts): readonly LeftOutTopic[] =>
  [...verdicts].flatMap(([topic, verdict]) =>
    verdict.replicate ? [] : [{ topic, because: verdict.because, detail: verdict.detail }],
  )

/** What the ledger knows and the source does not. */
const absentTopics = ({ source, ledger }: PlanFacts): readonly (readonly [string, TopicRecord])[] =>
  [...ledger].filter(([topic]) => !mayExist(source.described, topic))

/** Mappings that were made at run time for topics that neither the source nor the ledger knows. */
const strayMappings = ({ source, ledger, mappings }: PlanFacts): readonly TopicPlanPart[] =>
  mappings
    .filter(({ topic, madeBy }) => madeBy === 'run-time' && !mayExist(source.described, topic) && !ledger.has(topic))
    .map((mapping) => ({ steps: planMapping(mapping.topic, 'none', 'run-time', [mapping]), notes: [] }))
