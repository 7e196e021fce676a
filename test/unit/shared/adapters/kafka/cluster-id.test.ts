import { describe, expect, it } from 'vitest'
import { ClusterId } from '../../../../../shared/adapters/kafka/cluster-id.ts'
import type { KafkaCluster } from '../../../../../shared/adapters/kafka/kafka-cluster.ts'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'

/** A cluster that gives these answers, one after the other. */
const answering = (...answers: (string | undefined | ReplicationError)[]) => {
  const cluster = {
    name: 'east',
    unreachable: 'TARGET_UNREACHABLE' as const,
    asked: 0,
    ask: (async () => {
      const clusterId = answers[cluster.asked++]
      if (clusterId instanceof ReplicationError) throw clusterId
      return { clusterId }
    }) as unknown as KafkaCluster['ask'],
  }
  return cluster
}

const inTime = () => ({ at: Date.now() + 10_000, signal: AbortSignal.timeout(10_000) })
const away = new ReplicationError('TARGET_UNREACHABLE', 'test')

describe('the id of a cluster', () => {
  it('is asked once, by however many', async () => {
    const cluster = answering('id-1')
    const id = new ClusterId(cluster)
    expect(await Promise.all([id.tell(inTime()), id.tell(inTime())])).toEqual(['id-1', 'id-1'])
    expect(await id.tell(inTime())).toBe('id-1')
    expect(cluster.asked).toBe(1)
  })

  it('is asked again while no broker can be reached, until the deadline', async () => {
    expect(await new ClusterId(answering(away, away, 'id-1')).tell(inTime())).toBe('id-1')
    const late = { at: Date.now(), signal: AbortSignal.abort() }
    await expect(new ClusterId(answering(away)).tell(late)).rejects.toThrow(/DEADLINE_PASSED: asking east for its/)
  })

  it('is asked again by the next one when it could not be told', async () => {
    const id = new ClusterId(answering(new ReplicationError('LOGIN_REFUSED', 'test'), undefined, '', 'id-1'))
    await expect(id.tell(inTime())).rejects.toThrow('LOGIN_REFUSED')
    await expect(id.tell(inTime())).rejects.toThrow(/TARGET_UNREACHABLE: asking east for its cluster.id: it tells none/)
    await expect(id.tell(inTime())).rejects.toThrow('it tells none')
    expect(await id.tell(inTime())).toBe('id-1')
  })
})
