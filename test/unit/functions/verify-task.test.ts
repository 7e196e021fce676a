import { describe, expect, it } from 'vitest'
import { taskOf } from '../../../functions/verify/verify-task.ts'

describe('what the function that verifies is asked', () => {
  it.each([
    ['the schedule', {}, { mode: 'sample', perTopic: 3 }],
    ['the schedule of EventBridge', { version: '0', detail: {} }, { mode: 'sample', perTopic: 3 }],
    ['more samples', { mode: 'sample', sample: 9 }, { mode: 'sample', perTopic: 9 }],
    ['a plan of all', { mode: 'plan' }, { mode: 'plan', scope: { kind: 'all' }, topic: undefined }],
    [
      'a plan of samples of a topic',
      { mode: 'plan', sample: 4, topic: 'orders' },
      { mode: 'plan', scope: { kind: 'sample', perTopic: 4 }, topic: 'orders' },
    ],
    [
      'a time',
      { mode: 'plan', since: 17 },
      { mode: 'plan', scope: { kind: 'since', timestamp: 17 }, topic: undefined },
    ],
    ['holes', { mode: 'plan', holes: true }, { mode: 'plan', scope: { kind: 'holes' }, topic: undefined }],
    [
      'a range',
      { mode: 'range', topic: 'orders', partition: 0, from: '9007199254740993', to: '9007199254740995' },
      {
        mode: 'range',
        range: { topic: 'orders', partition: 0, from: 9007199254740993n, to: 9007199254740995n, holesOnly: false },
        budgetMs: undefined,
      },
    ],
    [
      'a range without an end',
      { mode: 'range', topic: 'orders', partition: 2, from: '0', holesOnly: true, budgetMs: 5 },
      { mode: 'range', range: { topic: 'orders', partition: 2, from: 0n, holesOnly: true }, budgetMs: 5 },
    ],
    [
      'the rest of a range',
      { mode: 'range', topic: 'orders', partition: 2, from: '7', uncoveredFrom: '9' },
      {
        mode: 'range',
        range: { topic: 'orders', partition: 2, from: 7n, uncoveredFrom: 9n, holesOnly: false },
        budgetMs: undefined,
      },
    ],
  ])('is understood: %s', (_what, event, task) => {
    expect(taskOf(event)).toEqual(task)
  })

  it.each([
    { mode: 'all' },
    { mode: 'range' },
    { mode: 'range', topic: 'orders', partition: 0 },
    { mode: 'range', topic: 'orders', partition: -1, from: '0' },
    { mode: 'range', topic: 'orders', partition: 0, from: 5 },
    { mode: 'range', topic: 'orders', partition: 0, from: '-5' },
    { mode: 'range', topic: 7, partition: 0, from: '5' },
    { mode: 'plan', sample: 1, since: 1 },
    { mode: 'plan', sample: 1.5 },
    { mode: 'plan', holes: 'yes' },
  ])('is refused: %j', (event) => {
    expect(() => taskOf(event)).toThrow(expect.objectContaining({ code: 'EVENT_MALFORMED' }))
  })
})
