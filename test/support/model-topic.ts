import type { TopicFacts, TopicSetting } from '../../shared/domain/topics/topic-facts.ts'
import type { PlannedLink } from '../../shared/domain/topics/topic-plan-facts.ts'

export const plannedLink = (changes: Partial<PlannedLink> = {}): PlannedLink => ({
  installation: 'twinshore',
  name: 'west-east',
  source: { name: 'west' },
  target: { name: 'east' },
  topics: [],
  patterns: ['^(?:.*)$'],
  exclude: [],
  excludeSettings: [],
  naming: 'prefix',
  provenance: false,
  replicationFactor: 'inherit',
  onSourceDelete: 'keep',
  onRecreate: 'append',
  ...changes,
})

/** Values by name, all of them set for the topic itself. */
type Values = Readonly<Record<string, string>>

export interface ModelTopic {
  incarnation: string
  partitions: number
  replicationFactor: number
  settings: Map<string, TopicSetting>
}

export const modelTopic = (incarnation = 'life-1', partitions = 3, values: Values = {}): ModelTopic => ({
  incarnation,
  partitions,
  replicationFactor: 2,
  settings: new Map(Object.entries(values).map(([name, value]) => [name, ownSetting(value)])),
})

export const ownSetting = (value: string): TopicSetting => ({
  value,
  origin: 'topic',
  sensitive: false,
  readOnly: false,
})

export const factsOf = (topics: ReadonlyMap<string, ModelTopic>): ReadonlyMap<string, TopicFacts> =>
  new Map([...topics].map(([topic, { settings: _, ...facts }]) => [topic, { topic, internal: false, ...facts }]))
