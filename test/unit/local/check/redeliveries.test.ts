import { describe, expect, it } from 'vitest'
import { Redeliveries } from '../../../../local/check/redeliveries.ts'
import type { Happening } from '../../../../local/poller/happening.ts'

const orders = { topic: 'orders', partition: 0 }

const ranges = (first: number, last: number, partition = 0) => [{ partition, first, last, count: last - first + 1 }]

const delivering = (first: number, last: number, partition = 0): Happening => ({
  kind: 'delivering',
  event: 0,
  attempt: 0,
  why: 'first',
  ranges: ranges(first, last, partition),
  bytes: 0,
})

const delivered = (result: 'succeeded' | 'failed'): Happening => ({
  kind: 'delivered',
  event: 0,
  attempt: 0,
  why: 'first',
  ranges: ranges(0, 4),
  result,
  abandoned: false,
  tookMs: 1,
})

const having = (...happenings: readonly Happening[]): Redeliveries => {
  const redeliveries = new Redeliveries()
  const observe = redeliveries.observer('orders')
  for (const happening of happenings) observe(happening)
  return redeliveries
}

describe('redeliveries', () => {
  it('are what was delivered before, and nothing of what is new', () => {
    const redeliveries = having(delivering(0, 4), delivering(5, 9), delivering(3, 6), delivering(8, 20))
    expect(redeliveries.of(orders)).toEqual([
      { from: 3n, to: 7n },
      { from: 8n, to: 10n },
    ])
  })

  it('are none while every record comes once, also across holes', () => {
    expect(having(delivering(0, 4), delivering(7, 9)).of(orders)).toEqual([])
  })

  it('count again each time', () => {
    expect(having(delivering(0, 1), delivering(0, 1), delivering(0, 1)).of(orders)).toHaveLength(2)
  })

  it('are told apart by partition and topic', () => {
    const redeliveries = having(delivering(0, 4), delivering(0, 4, 1), delivering(0, 0, 1))
    expect(redeliveries.of(orders)).toEqual([])
    expect(redeliveries.of({ topic: 'orders', partition: 1 })).toEqual([{ from: 0n, to: 1n }])
    redeliveries.observer('payments')(delivering(0, 4))
    expect(redeliveries.of({ topic: 'payments', partition: 0 })).toEqual([])
  })

  it('know what is under way, and what succeeded', () => {
    const redeliveries = having(delivering(0, 4), delivering(0, 4), delivered('failed'))
    expect(redeliveries.underWay(['orders', 'items'])).toBe(1)
    expect(redeliveries.succeededBatches).toBe(0)
    redeliveries.observer('orders')(delivered('succeeded'))
    expect(redeliveries.underWay(['orders'])).toBe(0)
    expect(redeliveries.succeededBatches).toBe(1)
  })

  it('forgets a topic that begins anew, and no other', () => {
    const redeliveries = new Redeliveries()
    for (const topic of ['orders', 'orders-2']) {
      redeliveries.observer(topic)(delivering(0, 4))
      redeliveries.observer(topic)(delivering(0, 4))
    }
    redeliveries.forget('orders')
    redeliveries.observer('orders')(delivering(0, 2))
    expect(redeliveries.of(orders)).toEqual([])
    expect(redeliveries.of({ topic: 'orders-2', partition: 0 })).toEqual([{ from: 0n, to: 5n }])
  })
})
