import { describe, expect, it } from 'vitest'
import { surveyRacks } from '../../../../../shared/usecases/racks/survey-racks.ts'
import { FakeClusterLayout } from '../../../../fakes/cluster-layout.ts'
import { FakeTopicAdmin } from '../../../../fakes/topic-admin.ts'
import { inTime } from '../../../../support/in-time.ts'

const threeRacks = () => {
  const world = { layout: new FakeClusterLayout(['a', 'b', 'c']), topics: new FakeTopicAdmin('target') }
  const put = (topic: string, minInSync: string, ...replicas: readonly (readonly number[])[]): void => {
    world.layout.put(topic, ...replicas)
    world.topics.put(topic, { settings: { 'min.insync.replicas': minInSync } })
  }
  return { ...world, put, survey: () => surveyRacks(inTime(), world) }
}

describe('a survey of racks', () => {
  it('brings together where replicas are and how many of them each topic asks for', async () => {
    const { put, survey } = threeRacks()
    put('safe', '2', [1, 2, 3])
    put('strict', '3', [1, 2, 3])
    put('pair', '1', [1, 2], [2, 3])
    expect(await survey()).toMatchObject({
      verdict: 'unsafe',
      partitions: 4,
      unsafe: [{ topic: 'strict', needed: 3, racks: ['a', 'b', 'c'] }],
      troubles: [],
    })
  })

  it('sees what the loss of one rack has left', async () => {
    const { put, survey, layout } = threeRacks()
    put('safe', '2', [1, 2, 3])
    expect((await survey()).verdict).toBe('safe')
    layout.kill(1)
    expect(await survey()).toMatchObject({
      verdict: 'unsafe',
      unsafe: [{ fault: 'too-few-left', inSync: 2, racks: ['b', 'c'] }],
      quorum: { kind: 'unsafe', following: 2, racks: ['b', 'c'] },
    })
  })

  it('makes one topic doubtful that does not tell its settings, and no other', async () => {
    const { put, survey, topics } = threeRacks()
    put('told', '2', [1, 2, 3])
    put('untold', '2', [1, 2, 3])
    topics.refuse('settings', 'untold', 'TOPIC_DENIED')
    expect(await survey()).toMatchObject({
      verdict: 'unknown',
      unknownPartitions: 1,
      troubles: [expect.stringMatching(/^TOPIC_DENIED: reading the settings of untold/)],
    })
  })

  it('says so when a cluster does not know the setting', async () => {
    const { put, survey, topics } = threeRacks()
    put('told', '2', [1, 2, 3])
    topics.sensitive.add('min.insync.replicas')
    expect(await survey()).toMatchObject({
      verdict: 'unknown',
      troubles: ['told does not tell its min.insync.replicas'],
    })
  })

  it('does not call a cluster safe of which it sees no topic, and asks for no settings', async () => {
    const { survey, topics } = threeRacks()
    expect(await survey()).toMatchObject({
      verdict: 'unknown',
      partitions: 0,
      troubles: [expect.stringContaining('no topic')],
    })
    expect(topics.requests.settings).toBe(0)
  })

  it('fails when the cluster does not answer', async () => {
    const { survey, layout } = threeRacks()
    layout.reachable = false
    await expect(survey()).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' })
  })
})
