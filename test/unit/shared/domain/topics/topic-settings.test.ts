import { describe, expect, it } from 'vitest'
import type { TopicSetting, TopicSettings } from '../../../../../shared/domain/topics/topic-facts.ts'
import {
  type SettingsRule,
  settingChanges,
  wantedSettings,
} from '../../../../../shared/domain/topics/topic-settings.ts'

const RULE: SettingsRule = { excludeSettings: [], timestampBounds: 'before-and-after', keylessPastIsBehind: true }

const setting = (value: string | undefined, changes: Partial<TopicSetting> = {}): TopicSetting => ({
  ...(value === undefined ? {} : { value }),
  origin: 'topic',
  sensitive: false,
  readOnly: false,
  ...changes,
})

const settings = (values: Readonly<Record<string, TopicSetting>>): TopicSettings => new Map(Object.entries(values))

/** What is set besides what every replica has. */
const copied = (source: TopicSettings, rule: Partial<SettingsRule> = {}) =>
  Object.fromEntries(
    [...wantedSettings(source, { ...RULE, ...rule }).settings].filter(
      ([name]) => !name.startsWith('message.timestamp'),
    ),
  )

describe('the settings of a replica', () => {
  it.each<[string, Readonly<Record<string, TopicSetting>>]>([
    ['inherited', { 'retention.ms': setting('1', { origin: 'inherited' }) }],
    ['read-only', { 'retention.ms': setting('1', { readOnly: true }) }],
    ['sensitive', { 'retention.ms': setting('1', { sensitive: true }) }],
    ['untold', { 'retention.ms': setting(undefined) }],
    ['throttled followers', { 'follower.replication.throttled.replicas': setting('*') }],
    ['throttled leaders', { 'leader.replication.throttled.replicas': setting('*') }],
    ['unclean elections', { 'unclean.leader.election.enable': setting('true') }],
    ['in-sync replicas', { 'min.insync.replicas': setting('2') }],
  ])('leave out what is %s', (_what, source) => {
    expect(copied(settings(source))).toEqual({})
  })

  it('are those of its source, but for what the link excludes', () => {
    const source = settings({ 'retention.ms': setting('1'), 'segment.ms': setting('2') })
    expect(copied(source)).toEqual({ 'retention.ms': '1', 'segment.ms': '2' })
    expect(copied(source, { excludeSettings: ['^(?:segment\\..*)$'] })).toEqual({ 'retention.ms': '1' })
  })

  it.each([
    ['before-and-after', ['message.timestamp.before.max.ms', 'message.timestamp.after.max.ms']],
    ['difference', ['message.timestamp.difference.max.ms']],
  ] as const)('take any timestamp of the source, with %s', (timestampBounds, names) => {
    const source = settings({
      'message.timestamp.type': setting('LogAppendTime'),
      'message.timestamp.after.max.ms': setting('1'),
    })
    const wanted = wantedSettings(source, { ...RULE, timestampBounds }).settings
    const bounds = names.map((name) => [name, '9223372036854775807'] as const)
    expect(new Map(wanted)).toEqual(new Map([['message.timestamp.type', 'CreateTime'], ...bounds]))
  })

  it.each(['compact', 'compact,delete', 'delete,compact'])('keep everything until %s may begin', (policy) => {
    const source = settings({ 'cleanup.policy': setting(policy), 'retention.ms': setting('1') })
    expect(copied(source, { keylessPastIsBehind: false })).toEqual({
      'cleanup.policy': 'delete',
      'retention.ms': '-1',
      'retention.bytes': '-1',
    })
    expect(copied(source)).toEqual({ 'cleanup.policy': policy, 'retention.ms': '1' })
    expect(copied(source, { keylessPastIsBehind: false, excludeSettings: ['^retention\\.ms$'] })).toEqual({
      'cleanup.policy': 'delete',
      'retention.bytes': '-1',
    })
  })
})

describe('changes of settings', () => {
  const changes = (source: TopicSettings, target: TopicSettings, rule: Partial<SettingsRule> = {}) => {
    const whole = { ...RULE, excludeSettings: ['^(?:message\\.timestamp.*)$'], ...rule }
    return settingChanges(wantedSettings(source, whole), target, whole)
  }

  it.each<[string, TopicSettings, TopicSettings, readonly unknown[]]>([
    ['none where both agree', settings({ a: setting('1') }), settings({ a: setting('1') }), []],
    [
      'none where the target has it anyway',
      settings({ a: setting('1') }),
      settings({ a: setting('1', { origin: 'inherited' }) }),
      [],
    ],
    ['another value', settings({ a: setting('1') }), settings({ a: setting('2') }), [{ name: 'a', value: '1' }]],
    ['one that the target has not', settings({ a: setting('1') }), settings({}), [{ name: 'a', value: '1' }]],
    ['one that the source has no more', settings({}), settings({ a: setting('1') }), [{ name: 'a' }]],
    [
      'one that the source only inherits',
      settings({ a: setting('1', { origin: 'inherited' }) }),
      settings({ a: setting('1') }),
      [{ name: 'a' }],
    ],
    ['none of what the source does not tell', settings({ a: setting(undefined) }), settings({ a: setting('1') }), []],
    ['none of what the target inherits', settings({}), settings({ a: setting('1', { origin: 'inherited' }) }), []],
    ['none of what is read-only', settings({}), settings({ a: setting('1', { readOnly: true }) }), []],
    ['none of what is sensitive', settings({}), settings({ a: setting(undefined, { sensitive: true }) }), []],
    ["none of the target's own durability", settings({}), settings({ 'min.insync.replicas': setting('2') }), []],
  ])('are %s', (_what, source, target, expected) => {
    expect(changes(source, target)).toEqual(expected)
  })

  it('never touch what the link excludes', () => {
    const [source, target] = [settings({ a: setting('1') }), settings({ a: setting('2'), b: setting('3') })]
    expect(changes(source, target, { excludeSettings: ['^(?:a|b|message.*)$'] })).toEqual([])
  })
})
