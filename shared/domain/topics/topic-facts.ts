import type { ReplicationError } from '../errors.ts'

/** Where a setting of a topic comes from: set for the topic itself, or inherited from its cluster. */
export type SettingOrigin = 'topic' | 'inherited'

export interface TopicSetting {
  /** Absent where the cluster does not tell, as it does of what is sensitive. */
  readonly value?: string
  readonly origin: SettingOrigin
  readonly sensitive: boolean
  readonly readOnly: boolean
}

/** By the name of the setting, e.g. `retention.ms`. */
export type TopicSettings = ReadonlyMap<string, TopicSetting>

export interface TopicFacts {
  readonly topic: string
  /** Kafka's topic id, 22 base64url characters: one life of the topic. */
  readonly incarnation: string
  readonly partitions: number
  /** Of the partition with the fewest replicas. */
  readonly replicationFactor: number
  /** Whether the cluster itself calls it internal. */
  readonly internal: boolean
}

/** A cluster as its metadata describes it. */
export interface ClusterTopics {
  readonly clusterId: string
  /** Those that are up. */
  readonly brokers: number
  readonly topics: ReadonlyMap<string, TopicFacts>
  /** Topics that may well be there and could not be described now, and why: nobody may take them for deleted. */
  readonly undescribed: ReadonlyMap<string, ReplicationError>
}

export interface NewTopic {
  readonly topic: string
  readonly partitions: number
  readonly replicationFactor: number
  readonly settings: ReadonlyMap<string, string>
}

/** `value` absent: back to what the cluster says. */
export interface SettingChange {
  readonly name: string
  readonly value?: string
}
