import { describe, expect, it } from 'vitest'
import { Producer } from '../../../../../shared/adapters/kafka/producer-ids.ts'

const HOUR_MS = 3_600_000

describe('a producer', () => {
  it('is usable for an hour, for brokers forget those that are silent for long', () => {
    const producer = new Producer(1n, 0, 1000)
    expect(producer.usable(1000 + HOUR_MS - 1)).toBe(true)
    expect(producer.usable(1000 + HOUR_MS)).toBe(false)
  })

  it('is never usable again once it is in doubt', () => {
    const producer = new Producer(1n, 0, 0)
    producer.retire()
    expect(producer.usable(0)).toBe(false)
  })

  it('is known only where it was acknowledged, in this life of the topic', () => {
    const producer = new Producer(1n, 0, 0)
    producer.acknowledged('a/0', 12)
    expect([producer.isKnownTo('a/0'), producer.nextSequence('a/0')]).toEqual([true, 12])
    expect([producer.isKnownTo('b/0'), producer.nextSequence('b/0')]).toEqual([false, 0])
  })

  it('is given up before its sequences wrap', () => {
    const producer = new Producer(1n, 0, 0)
    producer.acknowledged('a/0', 2 ** 30)
    expect(producer.usable(0)).toBe(true)
    producer.acknowledged('a/0', 2 ** 30 + 1)
    expect(producer.usable(0)).toBe(false)
  })
})
