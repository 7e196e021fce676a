import { describe, expect, it } from 'vitest'
import { BufferPool } from '../../../../local/poller/buffer-pool.ts'
import { Delivery, type DeliveryOwner } from '../../../../local/poller/delivery.ts'
import { EventPayload } from '../../../../local/poller/event-payload.ts'
import type { Faults } from '../../../../local/poller/faults.ts'
import type { Happening } from '../../../../local/poller/happening.ts'
import { Invocations, type InvokeOptions } from '../../../../local/poller/invocations.ts'
import type { KafkaMapping } from '../../../../local/poller/mapping.ts'
import { PartitionQueue } from '../../../../local/poller/partition-queue.ts'
import { PollerCounts } from '../../../../local/poller/poller-stats.ts'
import { type InvokeResult, type Settled, shareOf } from '../../../../local/poller/verdict.ts'
import { kafkaMapping } from '../../../support/kafka-mapping.ts'
import { encodedRecords } from '../../../support/log-batches.ts'

const succeeded: InvokeResult = { kind: 'succeeded', response: Buffer.alloc(0) }
const failed: InvokeResult = { kind: 'failed', reason: 'thrown' }
const provisionedPollers = { minimum: 1, maximum: 1 }

interface Call extends InvokeOptions {
  readonly offsets: readonly number[]
  readonly payload: Buffer
}

const offsetsIn = (payload: Buffer): number[] => {
  const { records }: { records: Record<string, { offset: number }[]> } = JSON.parse(payload.toString())
  return Object.values(records).flatMap((list) => list.map(({ offset }) => offset))
}

interface Given {
  readonly mapping?: Partial<KafkaMapping>
  readonly faults?: Faults
  /** Which partitions are still owned; all by default. */
  readonly owns?: (partition: number) => boolean
  readonly invoke: (call: Call) => InvokeResult | Promise<InvokeResult>
}

/** One partition's queue, delivered batch by batch, and everything that happened. */
const deliveryOf = ({ mapping: given, faults, owns = () => true, invoke }: Given) => {
  const mapping = kafkaMapping(given)
  const calls: Call[] = []
  const settled: Settled[] = []
  const happenings: Happening[] = []
  const pauses: number[] = []
  const counts = new PollerCounts()
  const observe = (happening: Happening): void => {
    counts.count(happening)
    happenings.push(happening)
  }
  const payload = new EventPayload(mapping)
  const invocations = new Invocations({
    functionName: mapping.functionName,
    topic: mapping.topic,
    payload,
    pool: new BufferPool(),
    observe,
    faults,
    functionTimeoutMs: undefined,
    invoke: async (bytes, options) => {
      const call = { ...options, offsets: offsetsIn(bytes), payload: bytes }
      calls.push(call)
      return invoke(call)
    },
  })
  const limits = { batchSize: 10, windowMs: 0, payloadBytes: 100_000 }
  const retry = { firstMs: 100, factor: 2, longestMs: 1000 }
  const queue = new PartitionQueue({ topic: mapping.topic, partition: 0 })
  const owner: DeliveryOwner = {
    stopping: false,
    owns,
    settle: (done) => settled.push(...done),
    takeMore: (_partition, mostRecords, mostBytes) => queue.take(mostRecords, mostBytes),
    pause: async (ms) => {
      pauses.push(ms)
    },
  }
  const delivery = new Delivery({ mapping, invocations, payload, limits, retry, faults, observe }, owner)
  let event = 0
  /** Cuts a batch of `count` records and delivers it to the end. */
  const deliver = async (count: number): Promise<void> => {
    const slice = queue.take(count, limits.payloadBytes)
    if (slice !== undefined) await delivery.deliver([shareOf(slice)], event++)
  }
  queue.add(encodedRecords(0, 40), 0)
  return { deliver, invocations, calls, settled, happenings, pauses, counts, owner }
}

const failingTimes = (times: number) => {
  let left = times
  return (): InvokeResult => (left-- > 0 ? failed : succeeded)
}
const offsetsOf = (calls: readonly Call[]): (readonly number[])[] => calls.map(({ offsets }) => offsets)

describe('a delivery', () => {
  it('is made again with growing pauses until it succeeds, and settled only then', async () => {
    const made = deliveryOf({ invoke: failingTimes(5) })
    await made.deliver(3)
    expect(offsetsOf(made.calls)).toEqual(Array.from({ length: 6 }, () => [0, 1, 2]))
    expect(made.calls.map(({ attempt, why, event }) => [attempt, why, event]).slice(0, 2)).toEqual([
      [0, 'first', 0],
      [1, 'retry', 0],
    ])
    expect(made.pauses).toEqual([100, 200, 400, 800, 1000])
    expect(made.settled).toEqual([{ partition: 0, offset: 3 }])
    expect(made.counts.read()).toMatchObject({ events: 1, invocations: 6, retries: 5, records: 3 })
  })

  it('counts an invoker that throws as a failure', async () => {
    let calls = 0
    const made = deliveryOf({
      invoke: () => {
        if (calls++ === 0) throw new Error('throttled')
        return succeeded
      },
    })
    await made.deliver(1)
    expect(made.settled).toEqual([{ partition: 0, offset: 1 }])
  })

  it('ends without settling when the partition went to another poller', async () => {
    let mine = true
    const made = deliveryOf({
      owns: () => mine,
      invoke: () => {
        mine = false
        return failed
      },
    })
    await made.deliver(3)
    expect([made.calls.length, made.settled]).toEqual([1, []])
  })

  it('halves a batch down to the record that fails, discards that one and delivers all others in order', async () => {
    const made = deliveryOf({
      mapping: { provisionedPollers, bisectBatchOnFunctionError: true, maximumRetryAttempts: 1 },
      invoke: ({ offsets }) => (offsets.includes(2) ? failed : succeeded),
    })
    await made.deliver(5)
    expect(offsetsOf(made.calls)).toEqual([[0, 1, 2, 3, 4], [0, 1, 2], [0, 1], [2], [2], [3, 4]])
    expect(made.settled.map(({ offset }) => offset)).toEqual([2, 3, 5])
    expect(made.happenings.filter(({ kind }) => kind === 'discarded')).toEqual([
      { kind: 'discarded', ranges: [{ partition: 0, first: 2, last: 2, count: 1 }] },
    ])
    expect(made.counts.read().discarded).toBe(1)
  })

  it('delivers only the failed items again, and settles the whole batch after them', async () => {
    const response = Buffer.from(
      JSON.stringify({ batchItemFailures: [{ itemIdentifier: { partition: 'orders-0', offset: 1 } }] }),
    )
    let first = true
    const made = deliveryOf({
      mapping: { provisionedPollers, functionResponseTypes: ['ReportBatchItemFailures'] },
      invoke: () => {
        const result: InvokeResult = first ? { kind: 'succeeded', response } : succeeded
        first = false
        return result
      },
    })
    await made.deliver(4)
    expect(offsetsOf(made.calls)).toEqual([[0, 1, 2, 3], [1]])
    expect(made.settled.map(({ offset }) => offset)).toEqual([1, 4])
  })
})

describe('by fault, a delivery', () => {
  it('is made twice in turn, the second time after the first one ended', async () => {
    const made = deliveryOf({
      faults: { seed: 1, deliverTwice: { chance: 1, how: 'in-turn' } },
      invoke: () => succeeded,
    })
    await made.deliver(2)
    expect(made.calls.map(({ why }) => why)).toEqual(['first', 'duplicate'])
    expect(made.counts.read().inFlight.get(0)).toEqual({ now: 0, most: 1 })
    expect(made.settled).toHaveLength(1)
  })

  it('is made twice side by side, and succeeds when either of them does', async () => {
    const made = deliveryOf({
      faults: { seed: 1, deliverTwice: { chance: 1, how: 'side-by-side' } },
      invoke: ({ why }) => (why === 'first' ? failed : succeeded),
    })
    await made.deliver(2)
    expect(made.calls.map(({ why }) => why)).toEqual(['first', 'duplicate'])
    expect(made.counts.read().inFlight.get(0)).toEqual({ now: 0, most: 2 })
    expect(made.settled).toHaveLength(1)
  })

  it('is cut differently when it is made again, without a record lost, swapped or left behind', async () => {
    const cuts = new Set<string>()
    for (let seed = 0; seed < 20; seed++) {
      const made = deliveryOf({ faults: { seed, recutOnRetry: { chance: 1 } }, invoke: failingTimes(1) })
      await made.deliver(6)
      const again = offsetsOf(made.calls).slice(1)
      const offsets = again.flat()
      expect(offsets).toEqual(offsets.map((_, index) => index))
      expect(offsets.length).toBeGreaterThanOrEqual(6)
      expect(made.settled.at(-1)).toEqual({ partition: 0, offset: offsets.length })
      cuts.add(again.length === 1 ? 'longer' : 'shorter')
    }
    expect(cuts).toEqual(new Set(['longer', 'shorter']))
  })

  it('is made once more after newer ones, without any effect on what is settled', async () => {
    const faults: Faults = { seed: 1, replayOld: { chance: 1, remember: 2 } }
    const made = deliveryOf({ faults, invoke: ({ why }) => (why === 'replay' ? failed : succeeded) })
    for (const _ of [1, 2, 3, 4]) await made.deliver(2)
    expect(made.calls.map(({ why, offsets }) => `${why} ${offsets[0]}`)).toEqual([
      'first 0',
      'first 2',
      'replay 0',
      'first 4',
      'replay 2',
      'first 6',
    ])
    expect(made.settled.map(({ offset }) => offset)).toEqual([2, 4, 6, 8])
  })

  it('is abandoned at the timeout, goes on as a zombie while it is made again, and is waited for at the end', async () => {
    const zombie = Promise.withResolvers<InvokeResult>()
    const made = deliveryOf({
      faults: { seed: 1, timeout: { chance: 1, afterMs: 5, how: 'abandon' } },
      invoke: ({ attempt }) => (attempt === 0 ? zombie.promise : succeeded),
    })
    await made.deliver(2)
    expect(made.settled).toEqual([{ partition: 0, offset: 2 }])
    expect(made.counts.read().inFlight.get(0)).toEqual({ now: 1, most: 2 })
    zombie.resolve(succeeded)
    await made.invocations.idle()
    const late = made.happenings.at(-1)
    expect(late).toMatchObject({ kind: 'delivered', attempt: 0, result: 'succeeded', abandoned: true })
    expect(made.settled).toHaveLength(1)
  })

  it('keeps its payload for as long as a zombie reads it', async () => {
    const zombie = Promise.withResolvers<InvokeResult>()
    const made = deliveryOf({
      faults: { seed: 1, timeout: { chance: 1, afterMs: 5, how: 'abandon' } },
      invoke: ({ event, attempt }) => (event === 0 && attempt === 0 ? zombie.promise : succeeded),
    })
    await made.deliver(2)
    await made.deliver(2)
    await made.deliver(2)
    expect(made.calls[0] && offsetsIn(made.calls[0].payload)).toEqual([0, 1])
    zombie.resolve(succeeded)
    await made.invocations.idle()
  })

  it('is killed at the timeout, and made again only after it is dead', async () => {
    const made = deliveryOf({
      faults: { seed: 1, timeout: { chance: 1, afterMs: 5, how: 'kill' } },
      invoke: ({ attempt, signal }) =>
        attempt > 0
          ? succeeded
          : new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'timed-out' }))),
    })
    await made.deliver(2)
    expect(made.calls.map(({ attempt }) => attempt)).toEqual([0, 1])
    expect(made.counts.read().inFlight.get(0)).toEqual({ now: 0, most: 1 })
    expect(made.settled).toHaveLength(1)
  })
})
