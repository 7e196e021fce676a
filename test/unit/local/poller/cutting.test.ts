import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CutLimits, cutEvent, dueAtMs, takeOversized } from '../../../../local/poller/cutting.ts'
import { EventPayload } from '../../../../local/poller/event-payload.ts'
import { PartitionQueue } from '../../../../local/poller/partition-queue.ts'
import { firstOffset, lastOffset, sliceCount } from '../../../../local/poller/record-slice.ts'
import { encodedRecords } from '../../../support/log-batches.ts'

const payload = new EventPayload({ bootstrapServers: ['broker:9092'] })
const LIMITS: CutLimits = { batchSize: 100, windowMs: 500, payloadBytes: 6 * 1024 * 1024 }

const queueOf = (
  partition: number,
  arrivals: readonly { at: number; from: number; count: number; bytes?: number }[],
) => {
  const queue = new PartitionQueue({ topic: 'orders', partition })
  for (const { at, from, count, bytes } of arrivals) {
    queue.add(encodedRecords(from, count, bytes, 'orders', partition), at)
  }
  return queue
}

describe('dueAtMs', () => {
  it('is never, when nothing waits', () => {
    expect(dueAtMs([queueOf(0, [])], LIMITS)).toBeUndefined()
  })

  it('is when the window of the oldest record ends', () => {
    const queues = [queueOf(0, [{ at: 2000, from: 0, count: 1 }]), queueOf(1, [{ at: 1000, from: 0, count: 1 }])]
    expect(dueAtMs(queues, LIMITS)).toBe(1500)
    expect(dueAtMs(queues, { ...LIMITS, windowMs: 0 })).toBe(1000)
  })

  it('is at once when the partitions together fill a batch', () => {
    const queues = [queueOf(0, [{ at: 1000, from: 0, count: 60 }]), queueOf(1, [{ at: 1000, from: 0, count: 40 }])]
    expect(dueAtMs(queues, LIMITS)).toBe(1000)
    expect(dueAtMs(queues, { ...LIMITS, batchSize: 101 })).toBe(1500)
  })

  it('is at once when the records fill a payload', () => {
    const queues = [queueOf(0, [{ at: 1000, from: 0, count: 2, bytes: 3000 }])]
    expect(dueAtMs(queues, { ...LIMITS, payloadBytes: 8000 })).toBe(1000)
    expect(dueAtMs(queues, { ...LIMITS, payloadBytes: 9000 })).toBe(1500)
  })
})

describe('cutEvent', () => {
  it('begins with the partition that waited longest and fills the batch from the next', () => {
    const queues = [queueOf(0, [{ at: 2, from: 0, count: 80 }]), queueOf(1, [{ at: 1, from: 50, count: 70 }])]
    const cut = cutEvent(queues, LIMITS, payload).map((slice) => [
      slice.partition,
      firstOffset(slice),
      sliceCount(slice),
    ])
    expect(cut).toEqual([
      [1, 50, 70],
      [0, 0, 30],
    ])
  })

  it('fills a payload to its last byte', () => {
    const full = payload.bytes(cutEvent([queueOf(0, [{ at: 0, from: 0, count: 5 }])], LIMITS, payload))
    const cut = (most: number) =>
      cutEvent([queueOf(0, [{ at: 0, from: 0, count: 5 }])], { ...LIMITS, payloadBytes: most }, payload).map(sliceCount)
    expect(cut(full)).toEqual([5])
    expect(cut(full - 1)).toEqual([4])
  })

  it('never makes a payload over the limit, and would with one record more', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(
        fc.array(sizes, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 700, max: 3000 }),
        (perQueue, most) => {
          const queues = perQueue.map((bytes, partition) =>
            queueOf(
              partition,
              bytes.map((size, index) => ({ at: index, from: index, count: 1, bytes: size })),
            ),
          )
          const limits = { ...LIMITS, payloadBytes: most }
          const cut = cutEvent(queues, limits, payload)
          const event = payload.encode(cut, Buffer.alloc(payload.bytes(cut)))
          expect(event.length).toBe(payload.bytes(cut))
          expect(event.length).toBeLessThanOrEqual(most)
          expect(Object.keys(JSON.parse(event.toString()).records)).toHaveLength(cut.length)
          for (const queue of queues.filter(({ count }) => count > 0)) {
            const joins = cut.some(({ partition }) => partition === queue.partition)
            const frame = joins ? 0 : payload.frameBytes(queue, cut.length === 0)
            expect(event.length + frame + queue.firstBytes).toBeGreaterThan(most)
          }
        },
      ),
    )
  })

  it('delivers every record once and in order, however it is cut', () => {
    const arrivals = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 40 }), (counts, batchSize) => {
        const starts = counts.map((_, index) => counts.slice(0, index).reduce((sum, count) => sum + count, 0))
        const queue = queueOf(
          0,
          counts.map((count, index) => ({ at: index, from: starts[index] ?? 0, count })),
        )
        const total = queue.count
        let next = 0
        while (queue.count > 0) {
          for (const slice of cutEvent([queue], { ...LIMITS, batchSize }, payload)) {
            expect(firstOffset(slice)).toBe(next)
            expect(sliceCount(slice)).toBeLessThanOrEqual(batchSize)
            next = lastOffset(slice) + 1
          }
        }
        expect(next).toBe(total)
        expect(queue.bytes).toBe(0)
      }),
    )
  })
})

describe('takeOversized', () => {
  it('takes the first record when it fits no event even alone, and no other', () => {
    const queue = queueOf(0, [{ at: 0, from: 0, count: 2, bytes: 3000 }])
    const alone = payload.emptyBytes + payload.frameBytes(queue, true) + queue.firstBytes
    expect(takeOversized(queue, { ...LIMITS, payloadBytes: alone }, payload)).toBeUndefined()
    const taken = takeOversized(queue, { ...LIMITS, payloadBytes: alone - 1 }, payload)
    expect(taken && sliceCount(taken)).toBe(1)
    expect(queue.count).toBe(1)
  })
})
