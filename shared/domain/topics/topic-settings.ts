import { isMatched } from './name-pattern.ts'
import type { SettingChange, TopicSetting, TopicSettings } from './topic-facts.ts'

/** Since Kafka 3.6 the bounds of timestamps are two settings, before it was one. */
export type TimestampBounds = 'before-and-after' | 'difference'

export interface SettingsRule {
  /** As `anchored` makes them. */
  readonly excludeSettings: readonly string[]
  /** What the brokers of the target know. */
  readonly timestampBounds: TimestampBounds
  /** Whether every record without a key is replicated, so that compaction refuses none of those to come. */
  readonly keylessPastIsBehind: boolean
}

/** What a target topic shall have set for itself. */
export interface WantedSettings {
  readonly settings: ReadonlyMap<string, string>
  /** Set on the source, but to what its cluster does not say. */
  readonly untold: readonly string[]
  readonly compaction: 'as-on-source' | 'waits'
}

/** Of one cluster's brokers and durability, not of the topic; as MirrorMaker 2 leaves them out. */
const OF_ONE_CLUSTER: readonly string[] = [
  'follower.replication.throttled.replicas',
  'leader.replication.throttled.replicas',
  'unclean.leader.election.enable',
  'min.insync.replicas',
]

/** A replica keeps the timestamps of its source, whatever they are. */
const OF_A_REPLICA: readonly string[] = [
  'message.timestamp.type',
  'message.timestamp.before.max.ms',
  'message.timestamp.after.max.ms',
  'message.timestamp.difference.max.ms',
]

/** The largest number that Kafka takes for a time span. */
const FOR_EVER = '9223372036854775807'

const BOUNDS: Readonly<Record<TimestampBounds, readonly string[]>> = {
  'before-and-after': ['message.timestamp.before.max.ms', 'message.timestamp.after.max.ms'],
  difference: ['message.timestamp.difference.max.ms'],
}

/** Nothing gets lost while compaction waits. */
const KEEP_ALL = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' }

const isOurs = (name: string, { excludeSettings }: SettingsRule): boolean =>
  !OF_ONE_CLUSTER.includes(name) && !isMatched(name, excludeSettings)

const isCopied = (name: string, setting: TopicSetting, rule: SettingsRule): boolean =>
  setting.origin === 'topic' && !setting.readOnly && !OF_A_REPLICA.includes(name) && isOurs(name, rule)

/** Whether brokers compact the topic, and so refuse records without a key. */
export const compacts = (settings: TopicSettings | undefined): boolean =>
  settings?.get('cleanup.policy')?.value?.includes('compact') ?? false

const isTold = ({ value, sensitive }: TopicSetting): boolean => value !== undefined && !sensitive

export const wantedSettings = (source: TopicSettings, rule: SettingsRule): WantedSettings => {
  const copied = [...source].filter(([name, setting]) => isCopied(name, setting, rule))
  const told = copied.flatMap(([name, setting]) => (isTold(setting) ? [[name, setting.value ?? ''] as const] : []))
  const compacts = told.some(([name, value]) => name === 'cleanup.policy' && value.includes('compact'))
  const waits = compacts && !rule.keylessPastIsBehind
  const bounds = BOUNDS[rule.timestampBounds].map((name) => [name, FOR_EVER] as const)
  const replica = [['message.timestamp.type', 'CreateTime'] as const, ...bounds]
  const wanted = [...told, ...(waits ? Object.entries(KEEP_ALL) : []), ...replica]
  return {
    settings: new Map(wanted.filter(([name]) => isOurs(name, rule))),
    untold: copied.filter(([, setting]) => !isTold(setting)).map(([name]) => name),
    compaction: waits ? 'waits' : 'as-on-source',
  }
}

/** Only what differs; what the source no longer sets goes back to what the target's cluster says. */
export const settingChanges = (
  { settings, untold }: WantedSettings,
  target: TopicSettings,
  rule: SettingsRule,
): readonly SettingChange[] => {
  const set = [...settings]
    .filter(([name, value]) => target.get(name)?.value !== value)
    .map(([name, value]) => ({ name, value }))
  const unset = [...target]
    .filter(([name, setting]) => isCopied(name, setting, rule) && isTold(setting))
    .filter(([name]) => !settings.has(name) && !untold.includes(name))
    .map(([name]) => ({ name }))
  return [...set, ...unset]
}
