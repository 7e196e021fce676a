import { describe, expect, it } from 'vitest'
import { leaderOf } from '../../../../../shared/adapters/kafka/partition-leader.ts'
import type { TopicView } from '../../../../../shared/adapters/kafka/topic-directory.ts'

const PARTITION = { topic: 'orders', partition: 3 }
const OFTEN = 10

const known = (leaders: [number, number | undefined][]): TopicView => ({
  kind: 'known',
  topicId: 'id',
  leaders: new Map(leaders),
})

describe('the leader of a partition', () => {
  it('is where its records go', () => {
    expect(leaderOf(known([[3, 7]]), PARTITION, 0)).toEqual({ kind: 'leader', leader: 7, topicId: 'id' })
  })

  it.each([
    ['a topic', { kind: 'unknown' } as const, 'TARGET_TOPIC_UNKNOWN'],
    ['a partition', known([[0, 7]]), 'TARGET_PARTITION_MISSING'],
  ])('is looked for again some times, when %s is missing, and then never replaced', (_what, view, code) => {
    expect(leaderOf(view, PARTITION, 0)).toMatchObject({ kind: 'look-again', code })
    expect(leaderOf(view, PARTITION, OFTEN)).toMatchObject({ kind: 'stop', error: { code } })
  })

  it.each([
    ['while it is being elected', known([[3, undefined]])],
    ['while the cluster is not clear about it', { kind: 'unclear', because: 'LEADER_NOT_AVAILABLE' } as const],
  ])('is waited for %s', (_when, view) => {
    expect(leaderOf(view, PARTITION, OFTEN)).toMatchObject({ kind: 'look-again', code: 'TARGET_UNREACHABLE' })
  })

  it('is not to be had without the right to describe the topic', () => {
    expect(leaderOf({ kind: 'denied' }, PARTITION, 0)).toMatchObject({ kind: 'stop', error: { code: 'TARGET_DENIED' } })
  })
})
