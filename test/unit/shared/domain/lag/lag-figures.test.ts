import { describe, expect, it } from 'vitest'
import { waitingSince } from '../../../../../shared/domain/lag/end-history.ts'
import { lossOf } from '../../../../../shared/domain/lag/failover-loss.ts'
import { lagOf, type PartitionLag, together, topicLags, worstOf } from '../../../../../shared/domain/lag/lag-figures.ts'
import { risesEach } from '../../../../../shared/domain/lag/lag-memory.ts'
import type { PartitionLook } from '../../../../../shared/domain/lag/partition-look.ts'

const AT = 1_700_000_000_000

const lag = (topic: string, partition: number, changes: Partial<PartitionLag>): PartitionLag => ({
  topic,
  partition,
  seenAt: AT,
  records: 0,
  lagMs: 0,
  gone: 0,
  ...changes,
})

const PARTITIONS = [
  lag('quiet', 0, {}),
  lag('orders', 0, { records: 5, lagMs: 10, timeToLossMs: 900, recordsPerSecond: 1 }),
  lag('orders', 1, { records: 1, lagMs: 30, atLeast: true, timeToLossMs: 500, gone: 2 }),
  lag('bills', 0, { records: 9, lagMs: 30, recordsPerSecond: 0.5 }),
]

describe('figures of several partitions', () => {
  it('add up, and are those of the worst where they cannot', () => {
    expect(together(PARTITIONS)).toEqual({
      records: 15,
      lagMs: 30,
      atLeast: true,
      timeToLossMs: 500,
      gone: 2,
      recordsPerSecond: 1.5,
    })
    expect(together([])).toEqual({ records: 0, lagMs: 0, gone: 0 })
  })

  it('have the worst first, by topic and by partition', () => {
    expect(topicLags(PARTITIONS).map(({ topic, records }) => [topic, records])).toEqual([
      ['bills', 9],
      ['orders', 6],
      ['quiet', 0],
    ])
    const worst = worstOf(PARTITIONS, 2).map(({ topic, partition }) => `${topic}-${partition}`)
    expect(worst).toEqual(['bills-0', 'orders-1'])
    expect(worstOf(PARTITIONS, 9)).toHaveLength(3)
  })
})

const LOOK: PartitionLook = {
  topic: 'orders',
  partition: 0,
  incarnation: 'life',
  at: AT,
  start: 60n,
  end: 100n,
  checkpoint: 80n,
  rises: [{ end: 100n, by: AT, after: AT - 10 }],
  starts: [
    { at: AT - 60_000, start: 20n },
    { at: AT, start: 60n },
  ],
}

it('a rate needs a look before, of the same life and not of the same moment', () => {
  const before = { ...LOOK, at: AT - 4_000, end: 90n }
  const rate = (other: PartitionLook | undefined) => lagOf(LOOK, other, undefined, AT).recordsPerSecond
  expect(rate(before)).toBe(2.5)
  for (const other of [undefined, LOOK, { ...before, incarnation: 'earlier' }, { ...before, end: 101n }])
    expect(rate(other)).toBeUndefined()
})

it('the speed of a log start is nothing any more once its moves are long ago', () => {
  expect(lagOf(LOOK, undefined, undefined, AT).timeToLossMs).toBe(30_000)
  expect(lagOf(LOOK, undefined, undefined, AT + 15 * 60_000).timeToLossMs).toBeUndefined()
})

it('a record waits since the rise that brought it, and not since the one before', () => {
  const rises = [
    { end: 5n, by: 20, after: 10 },
    { end: 9n, by: 40, after: 30 },
  ]
  expect([4n, 5n, 8n, 9n].map((offset) => waitingSince(rises, offset)?.since)).toEqual([10, 30, 30, undefined])
})

it('groups that a failover would not touch are not among the worst, and those without a position are', () => {
  const loss = (group: string, lost: number, reread: number, unplaced: number) => ({ group, lost, reread, unplaced })
  const groups = [loss('fine', 0, 0, 0), loss('unplaced', 0, 0, 1), loss('some', 1, 1, 0), loss('most', 0, 9, 0)]
  const { worst, ...all } = lossOf(groups, AT)
  expect(all).toEqual({ at: AT, groups: 4, reread: 10, unplaced: 1 })
  expect(worst.map(({ group }) => group)).toEqual(['most', 'some', 'unplaced'])
})

it.each([
  [0, 2_000],
  [1, 2_000],
  [100, 250],
  [10_000, 30],
])('of %i partitions each has %i rises at most', (partitions, rises) => {
  expect(risesEach(partitions)).toBe(rises)
})
