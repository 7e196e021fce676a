import { describe, expect, it } from 'vitest'
import { stepText } from '../../../../../shared/domain/topics/step-text.ts'
import type { TopicRecord } from '../../../../../shared/domain/topics/topic-record.ts'
import type { TopicStep } from '../../../../../shared/domain/topics/topic-step.ts'

const record = { incarnation: 'life-1', targetTopic: 'west.orders' } as TopicRecord
const settings = new Map([
  ['cleanup.policy', 'compact'],
  ['retention.ms', '-1'],
])
const newTopic = { topic: 'west.orders', partitions: 3, replicationFactor: 2, settings }
const targetTopic = 'west.orders'
const changes = [
  { name: 'retention.ms', value: '1' },
  { name: 'segment.bytes', value: undefined },
]

const STEPS: Readonly<Record<TopicStep['kind'], readonly [object, string]>> = {
  'record-lost': [{ lives: [{}, {}] }, 'write into the gap ledger what went with its earlier life, 2 partitions'],
  create: [
    { newTopic },
    'create west.orders on the target: 3 partitions, 2 replicas, cleanup.policy=compact retention.ms=-1',
  ],
  grow: [{ targetTopic, from: 3, to: 6 }, 'grow west.orders on the target from 3 to 6 partitions'],
  alter: [{ targetTopic, changes }, 'set on west.orders on the target: retention.ms=1 segment.bytes unset'],
  remove: [{ targetTopic }, 'remove west.orders from the target'],
  'rewind-group': [
    { group: 'twinshore.west-east.orders', partitions: [0, 1] },
    'set its consumer group twinshore.west-east.orders back to the beginning of 2 partitions',
  ],
  'close-heads': [
    { incarnations: new Map([[0, 'life-1']]), next: 'life-2' },
    'close the offset map of its earlier life, 1 partition, and begin anew',
  ],
  'hold-back': [{ from: record, to: record }, 'remember that it begins anew, and is not consumed until then'],
  remember: [{ from: undefined, to: record }, 'remember it as it is now'],
  'create-mapping': [{ enabled: false }, 'make its event source mapping, disabled'],
  'enable-mapping': [{ id: 'm-1' }, 'enable its event source mapping m-1'],
  'disable-mapping': [{ id: 'm-1' }, 'disable its event source mapping m-1'],
  'update-mapping': [{ id: 'm-1' }, 'give its event source mapping m-1 the settings of the link'],
  'remove-mapping': [{ id: 'm-1' }, 'remove its event source mapping m-1'],
}

describe('a step in words', () => {
  it.each(Object.entries(STEPS))('says what %s does', (kind, [rest, text]) => {
    expect(stepText({ kind, topic: 'orders', ...rest } as TopicStep)).toBe(text)
  })
})
