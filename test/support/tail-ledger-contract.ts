import { describe, expect, it } from 'vitest'
import { newTail, type TailPart } from '../../shared/domain/failover/stranded-tail.ts'
import type { TailHistory, TailLedger } from '../../shared/usecases/failover/tail-ports.ts'
import { inTime } from './in-time.ts'

const LIFE = 'A'.repeat(22)
const part = (topic: string, partition: number, incarnation = LIFE): TailPart =>
  newTail({ topic, partition, incarnation }, { from: 7n, start: 9n, to: 1n << 60n })

const byText = (parts: readonly TailPart[]): string[] =>
  parts.map((one) => JSON.stringify(one, (_, value) => (typeof value === 'bigint' ? `${value}` : value))).sort()

/** What the memory of stranded tails promises, whoever keeps it; `open` gives one that holds nothing. */
export const tailLedgerContract = (name: string, open: () => Promise<TailLedger & TailHistory>) =>
  describe(name, () => {
    it('holds nothing at first', async () => {
      const ledger = await open()
      expect(await ledger.parts('first', inTime())).toEqual([])
      expect([...(await ledger.executions(inTime()))]).toEqual([])
    })

    it('tells of all executions, each with its own parts', async () => {
      const ledger = await open()
      const [one, two, other] = [part('a', 0), part('a-1', 1), { ...part('a', 0), settledTo: 20n }]
      for (const each of [one, two]) await ledger.save('first', each, inTime())
      await ledger.save('first-and-last', other, inTime())
      const found = await ledger.executions(inTime())
      expect([...found.keys()].sort()).toEqual(['first', 'first-and-last'])
      expect(byText(found.get('first') ?? [])).toEqual(byText([one, two]))
      expect(found.get('first-and-last')).toEqual([other])
    })

    it('gives every part back as it was saved, and keeps executions, partitions and lives apart', async () => {
      const ledger = await open()
      const parts = [part('a', 1), part('a', 11), part('a-1', 1), part('a', 1, 'B'.repeat(22))]
      for (const one of parts) expect(await ledger.save('first', one, inTime())).toBe('saved')
      await ledger.save('first-and-last', part('z', 0), inTime())
      expect(byText(await ledger.parts('first', inTime()))).toEqual(byText(parts))
    })

    it('remembers how far a part came, and where an append began', async () => {
      const ledger = await open()
      const known = { ...part('a', 0), appendedFrom: 3n, settledTo: 20n }
      await ledger.save('first', known, inTime())
      expect(await ledger.parts('first', inTime())).toEqual([known])
      const done = { ...part('a', 0), settledTo: 21n, emptyTo: 1n << 60n }
      expect(await ledger.save('first', done, inTime())).toBe('saved')
      expect(await ledger.parts('first', inTime())).toEqual([done])
    })

    it.each([
      ['counted', { counted: { to: 10n, records: 1n, bytes: 0n } }],
      ['settled', { settledTo: 10n }],
    ])('never goes back in what is %s', async (_what, further) => {
      const ledger = await open()
      await ledger.save('first', { ...part('a', 0), ...further }, inTime())
      expect(await ledger.save('first', part('a', 0), inTime())).toBe('moved')
      expect(await ledger.save('first', { ...part('a', 0), ...further }, inTime())).toBe('saved')
      expect(await ledger.parts('first', inTime())).toEqual([{ ...part('a', 0), ...further }])
    })
  })
