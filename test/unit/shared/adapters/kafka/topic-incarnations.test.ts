import { beforeEach, describe, expect, it } from 'vitest'
import type { TopicView } from '../../../../../shared/adapters/kafka/topic-directory.ts'
import { TopicIncarnations } from '../../../../../shared/adapters/kafka/topic-incarnations.ts'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'

const MINUTE_MS = 60_000
const { signal } = new AbortController()
const life = (topicId: string): TopicView => ({ kind: 'known', topicId, leaders: new Map() })

describe('the lives of topics', () => {
  let now: number
  let asked: string[]
  let view: TopicView | Error
  let incarnations: TopicIncarnations

  beforeEach(() => {
    now = 1_800_000_000_000
    asked = []
    view = life('first')
    const find = async (topic: string): Promise<TopicView> => {
      asked.push(topic)
      if (view instanceof Error) throw view
      return view
    }
    incarnations = new TopicIncarnations({ find }, { now: () => now })
  })

  const otherThan = (incarnation: string, topic = 'orders') => incarnations.otherThan(incarnation, topic, signal)

  it('are asked for once a minute and topic, however many partitions and batches want to know', async () => {
    for (let second = 0; second < 180; second++) {
      const answers = Array.from({ length: 5 }, () => [otherThan('first'), otherThan('first', 'customers')]).flat()
      expect(new Set(await Promise.all(answers))).toEqual(new Set([undefined]))
      now += 1_000
    }
    expect(asked.toSorted()).toEqual(['customers', 'customers', 'customers', 'orders', 'orders', 'orders'])
  })

  it('are told apart a minute after the topic was created again', async () => {
    await otherThan('first')
    view = life('second')
    now += MINUTE_MS - 1
    expect(await otherThan('first')).toBeUndefined()
    now += 1
    expect(await otherThan('first')).toBe('second')
  })

  it('are asked for again before an answer from memory contradicts: it may be older than the checkpoint', async () => {
    await otherThan('first')
    view = life('second')
    expect(await otherThan('second')).toBeUndefined()
    expect(asked).toHaveLength(2)
  })

  it.each([
    ['the cluster cannot be reached', new ReplicationError('SOURCE_UNREACHABLE', 'test')],
    ['the login is refused', new ReplicationError('LOGIN_REFUSED', 'test')],
    ['the topic is gone', { kind: 'unknown' } as const],
  ])('are no suspicion while %s, and are asked for again a minute later', async (_why, answer) => {
    view = answer
    for (let batch = 0; batch < 3; batch++) expect(await otherThan('first')).toBeUndefined()
    expect(asked).toHaveLength(1)
    now += MINUTE_MS
    view = life('second')
    expect(await otherThan('first')).toBe('second')
  })

  it('let nobody wait for a cluster that does not answer', { timeout: 5_000 }, async () => {
    const find = (_topic: string, _how: object, until: AbortSignal): Promise<TopicView> =>
      new Promise((_answer, fail) =>
        until.addEventListener('abort', () => fail(new ReplicationError('SOURCE_UNREACHABLE', 'test'))),
      )
    const silent = new TopicIncarnations({ find }, { now: () => now })
    expect(await silent.otherThan('first', 'orders', signal)).toBeUndefined()
  })
})
