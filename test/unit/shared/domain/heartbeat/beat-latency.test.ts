import { describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { beatRecord, HEARTBEAT_PARTITION, HEARTBEAT_TOPIC } from '../../../../../shared/domain/heartbeat/beat.ts'
import { beatLatencies } from '../../../../../shared/domain/heartbeat/beat-latency.ts'
import { nothing } from '../../../../../shared/domain/outcome.ts'
import type { PartitionBatch } from '../../../../../shared/domain/record.ts'

const T = 1_700_000_000_000
const beat = (sequence: number, link = 'west-east') =>
  beatRecord({ sequence, at: 0 }, { link, clusterId: 'c', epoch: 0 }, T + sequence)
const batch = (records: ReturnType<typeof beat>[], topic = HEARTBEAT_TOPIC): PartitionBatch => {
  const [first, ...others] = records
  if (first === undefined) throw new RangeError('a batch has records')
  return { topic, partition: 0, records: [first, ...others] }
}

describe('how long beats took', () => {
  it('counts from when each was written to when it was remembered', () => {
    const one = batch([beat(1), beat(2), beat(3)])
    expect(beatLatencies('west-east', [one], [nothing(one)], T + 10)).toEqual([9, 8, 7])
  })

  it('leaves out those of other links, and those that were replicated before', () => {
    const one = batch([beat(1), beat(2), beat(3, 'west-north'), beat(4)])
    expect(beatLatencies('west-east', [one], [{ ...nothing(one), redelivered: 1 }], T + 10)).toEqual([8, 6])
  })

  it('tells nothing of beats that may not have arrived, nor of records of other topics', () => {
    const [beats, orders] = [batch([beat(1)]), batch([beat(1)], 'orders')]
    const failed = { ...nothing(beats), error: new ReplicationError('TARGET_DENIED', 'test') }
    expect(beatLatencies('west-east', [beats], [failed], T)).toEqual([])
    expect(beatLatencies('west-east', [orders], [nothing(orders)], T)).toEqual([])
  })

  it('is never negative, and at most a hundred values', () => {
    const many = batch(Array.from({ length: 101 }, (_, at) => beat(at)))
    const latencies = beatLatencies('west-east', [many], [nothing(many)], T + 50)
    expect(latencies).toHaveLength(100)
    expect([latencies[0], latencies.at(-1)]).toEqual([49, 0])
    expect(HEARTBEAT_PARTITION).toEqual({ topic: HEARTBEAT_TOPIC, partition: 0 })
  })
})
