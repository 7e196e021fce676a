import { noteIf, type PlanNote } from './plan-note.ts'
import type { ClusterTopics, TopicSettings } from './topic-facts.ts'
import type { PlanFacts, PlannedLink, TopicPlanPart, TopicView } from './topic-plan-facts.ts'
import { type SettingsRule, settingChanges, type WantedSettings, wantedSettings } from './topic-settings.ts'
import type { TopicStep } from './topic-step.ts'

/** What a target topic is made of: partitions, replicas, settings. It only ever grows. */
export const planStructure = (facts: PlanFacts, view: TopicView): TopicPlanPart => {
  const rule = ruleOf(facts, view)
  const wanted = view.sourceSettings && wantedSettings(view.sourceSettings, rule)
  const part = view.target === undefined ? planNew(facts, view, wanted) : planExisting(view, wanted, rule)
  return { steps: part.steps, notes: [...part.notes, ...settingNotes(view, wanted)] }
}

const ruleOf = ({ link, timestampBounds, keylessPastIsBehind }: PlanFacts, { topic }: TopicView): SettingsRule => ({
  excludeSettings: link.excludeSettings,
  timestampBounds,
  keylessPastIsBehind: keylessPastIsBehind.has(topic),
})

const settingNotes = ({ topic }: TopicView, wanted: WantedSettings | undefined): readonly PlanNote[] => [
  ...(wanted?.untold ?? []).flatMap((name) =>
    noteIf(
      true,
      'warning',
      'setting-untold',
      topic,
      `the source does not tell its ${name}, so the target keeps its own`,
    ),
  ),
  ...noteIf(
    wanted?.compaction === 'waits',
    'pending',
    'compaction-waits',
    topic,
    'the target keeps everything, uncompacted, until all records without a key are replicated: a compacted topic refuses them',
  ),
]

const replicationFactor = ({ replicationFactor: rule }: PlannedLink, { source }: TopicView): number =>
  rule === 'inherit' ? source.replicationFactor : rule

/** A broker that restarts is no reason to make a topic with fewer replicas for good: other topics tell of it. */
const brokersOf = ({ brokers, topics }: ClusterTopics): number =>
  [...topics.values()].reduce((most, { replicationFactor }) => Math.max(most, replicationFactor), brokers)

/** A topic made with other settings than its source's might lose records before they are put right. */
const planNew = ({ link, target }: PlanFacts, view: TopicView, wanted: WantedSettings | undefined): TopicPlanPart => {
  const { topic, targetTopic, source } = view
  if (wanted === undefined)
    return { steps: [], notes: noteIf(true, 'fault', 'settings-unknown', topic, 'the source tells no settings of it') }
  const brokers = brokersOf(target.described)
  const replicas = replicationFactor(link, view)
  return {
    steps: [
      {
        kind: 'create',
        topic,
        newTopic: {
          topic: targetTopic,
          partitions: source.partitions,
          replicationFactor: Math.min(replicas, brokers),
          settings: wanted.settings,
        },
      },
    ],
    notes: noteIf(
      replicas > brokers,
      'warning',
      'replication-capped',
      topic,
      `the target has ${brokers} brokers, too few for ${replicas} replicas`,
    ),
  }
}

const planExisting = (view: TopicView, wanted: WantedSettings | undefined, rule: SettingsRule): TopicPlanPart => {
  const settings = planSettings(view, wanted, view.targetSettings, rule)
  return { steps: [...planGrowth(view), ...settings.steps], notes: [...moreOnTarget(view), ...settings.notes] }
}

const planGrowth = ({ topic, targetTopic, source, target }: TopicView): readonly TopicStep[] => {
  const [from, to] = [target?.partitions ?? 0, source.partitions]
  return from < to ? [{ kind: 'grow', topic, targetTopic, from, to }] : []
}

const moreOnTarget = ({ topic, source, target }: TopicView): readonly PlanNote[] =>
  noteIf(
    target !== undefined && target.partitions > source.partitions,
    'warning',
    'more-partitions',
    topic,
    `the target has ${target?.partitions} partitions, the source ${source.partitions}: after a failover keys go to other partitions`,
  )

const planSettings = (
  { topic, targetTopic }: TopicView,
  wanted: WantedSettings | undefined,
  target: TopicSettings | undefined,
  rule: SettingsRule,
): TopicPlanPart => {
  if (wanted === undefined || target === undefined) {
    const side = wanted === undefined ? 'source' : 'target'
    const detail = `the ${side} tells no settings of it, so those of the target stay as they are`
    return { steps: [], notes: noteIf(true, 'warning', 'settings-unknown', topic, detail) }
  }
  const changes = settingChanges(wanted, target, rule)
  return { steps: changes.length === 0 ? [] : [{ kind: 'alter', topic, targetTopic, changes }], notes: [] }
}
