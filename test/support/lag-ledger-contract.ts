import { describe, expect, it } from 'vitest'
import { type EndedLives, lifeName } from '../../shared/domain/lag/ended-life.ts'
import type { LagMemory } from '../../shared/domain/lag/lag-memory.ts'
import type { PartitionLook } from '../../shared/domain/lag/partition-look.ts'
import { partitionName } from '../../shared/domain/record.ts'
import type { LagLedger } from '../../shared/usecases/lag/lag-ports.ts'
import { inTime } from './in-time.ts'

const AT = 1_700_000_000_000
const DEEP = (1n << 62n) + 1n

const look = (partition: number, changes: Partial<PartitionLook> = {}): PartitionLook => ({
  topic: 'shop.orders',
  partition,
  incarnation: 'AAAAAAAAAAAAAAAAAAAAAA',
  at: AT,
  start: 3n,
  end: DEEP,
  starts: [{ at: AT, start: 3n }],
  rises: [],
  ...changes,
})

const memory = (looks: readonly PartitionLook[], more: Partial<LagMemory> = {}): LagMemory => ({
  at: AT,
  looks: new Map(looks.map((one) => [partitionName(one), one])),
  ...more,
})

const OTHER_LIFE = 'BAAAAAAAAAAAAAAAAAAAAA'

const ended = (lives: readonly PartitionLook[]): EndedLives => new Map(lives.map((life) => [lifeName(life), life]))

const LAGGING = look(1, {
  checkpoint: 7n,
  scan: { from: 7n, to: 9n, records: 1, first: 8n },
  rises: [
    { end: 9n, by: AT - 10_000 },
    { end: DEEP, by: AT, after: AT - 10_000 },
  ],
})
const LOSS = { at: AT, groups: 3, reread: 4, unplaced: 1, worst: [{ group: 'a "b"', lost: 1, reread: 4, unplaced: 1 }] }

const COUNTS = {
  lost: 3,
  quarantined: 1,
  filtered: 0,
  looped: 0,
  replayed: 0,
  lostAt: AT,
  uncovered: 2,
  atLeast: true,
} as const
const ACCOUNTS = { at: AT, link: COUNTS, topics: [{ topic: 'shop.orders', ...COUNTS }] }

/** What the ledger of a link's lag promises, whoever keeps it; `open` gives one that holds nothing. */
export const lagLedgerContract = (name: string, open: () => Promise<LagLedger>): void => {
  describe(name, () => {
    it('knows nothing at first', async () => {
      expect(await (await open()).read(inTime())).toBeUndefined()
    })

    it.each([
      ['nothing seen', memory([])],
      ['partitions', memory([look(0), LAGGING, look(0, { topic: 'other' })])],
      ['an unreachable source', memory([LAGGING], { topicsAt: AT - 9, sourceUnreachableSince: AT - 5_000 })],
      ['what a failover would lose', memory([LAGGING], { failover: LOSS })],
      ['gaps', memory([LAGGING], { accounts: ACCOUNTS })],
      ['lives that are over', memory([LAGGING], { ended: ended([LAGGING, look(1, { incarnation: OTHER_LIFE })]) })],
    ])('gives back what was remembered: %s', async (_what, whole) => {
      const ledger = await open()
      expect(await ledger.remember(whole, inTime())).toBe('remembered')
      expect(await ledger.read(inTime())).toEqual(whole)
    })

    it('forgets what is no more, and takes the same write again', async () => {
      const ledger = await open()
      await ledger.remember(memory([look(0), LAGGING], { sourceUnreachableSince: AT, failover: LOSS }), inTime())
      const next = memory([look(0)], { at: AT + 1 })
      expect(await ledger.remember(next, inTime())).toBe('remembered')
      expect(await ledger.remember(next, inTime())).toBe('remembered')
      expect(await ledger.read(inTime())).toEqual(next)
    })

    it('holds very many lives that are over, beside those that go on, and forgets them', async () => {
      const ledger = await open()
      const over = Array.from({ length: 1_600 }, (_, at) => look(0, { topic: `${at}`.padStart(249, 'x'), starts: [] }))
      const whole = memory([look(0), LAGGING], { ended: ended(over) })
      await ledger.remember(whole, inTime())
      expect(await ledger.read(inTime())).toEqual(whole)
      const next = memory([look(0)], { at: AT + 1 })
      await ledger.remember(next, inTime())
      expect(await ledger.read(inTime())).toEqual(next)
    })

    it('keeps the later sample', async () => {
      const ledger = await open()
      const later = memory([look(0)], { at: AT + 1 })
      await ledger.remember(later, inTime())
      expect(await ledger.remember(memory([LAGGING]), inTime())).toBe('superseded')
      expect(await ledger.read(inTime())).toEqual(later)
    })

    it('holds very many partitions, and fewer again', async () => {
      const ledger = await open()
      const rises = Array.from({ length: 50 }, (_, at) => ({ end: BigInt(at + 1), by: AT + at, after: AT + at - 1 }))
      const many = Array.from({ length: 1_300 }, (_, partition) => look(partition, { rises }))
      for (const count of [1_300, 700, 2]) {
        const whole = memory(many.slice(0, count), { at: AT + 2_000 - count, failover: LOSS })
        expect(await ledger.remember(whole, inTime())).toBe('remembered')
        expect(await ledger.read(inTime())).toEqual(whole)
      }
    })
  })
}
