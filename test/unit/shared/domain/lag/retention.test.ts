import { expect, it } from 'vitest'
import { retentionMsOf } from '../../../../../shared/domain/lag/retention.ts'
import type { TopicSetting } from '../../../../../shared/domain/topics/topic-facts.ts'

const setting = (value?: string): TopicSetting => ({
  ...(value !== undefined && { value }),
  origin: 'topic',
  sensitive: false,
  readOnly: false,
})

it.each([
  [{ 'cleanup.policy': 'delete', 'retention.ms': '604800000' }, 604_800_000],
  [{ 'cleanup.policy': 'compact,delete', 'retention.ms': '5' }, 5],
  [{ 'cleanup.policy': 'compact', 'retention.ms': '5' }, undefined],
  [{ 'cleanup.policy': 'delete', 'retention.ms': '-1' }, undefined],
  [{ 'retention.ms': '7' }, 7],
  [{ 'retention.ms': '' }, undefined],
  [{}, undefined],
])('retention by age, of %o', (settings, expected) => {
  const all = Object.entries(settings).map(([name, value]): [string, TopicSetting] => [name, setting(value)])
  expect(retentionMsOf(new Map(all))).toBe(expected)
})
