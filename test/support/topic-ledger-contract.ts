import { describe, expect, it } from 'vitest'
import type { TopicRecord } from '../../shared/domain/topics/topic-record.ts'
import type { TopicLedger } from '../../shared/usecases/topics/topic-ports.ts'

const DEADLINE = { at: Number.POSITIVE_INFINITY, signal: new AbortController().signal }
const RECORD: TopicRecord = {
  incarnation: 'AAAAAAAAAAAAAAAAAAAAAA',
  targetTopic: 'west.orders',
  paused: false,
  restarting: false,
}
const CHANGES: readonly Partial<TopicRecord>[] = [
  { incarnation: 'BBBBBBBBBBBBBBBBBBBBBB' },
  { targetTopic: 'orders' },
  { paused: true },
  { restarting: true },
  { next: 'BBBBBBBBBBBBBBBBBBBBBB' },
  { earlier: 'BBBBBBBBBBBBBBBBBBBBBB' },
  { missingSince: 1_700_000_000_000 },
  { removedAt: 1_700_000_000_000 },
  { keyedFrom: [0n, 9_007_199_254_740_993n] },
]

/** What the ledger of a link's topics promises, whoever keeps it; `open` gives one that holds nothing. */
export const topicLedgerContract = (name: string, open: () => Promise<TopicLedger>): void => {
  describe(name, () => {
    it('knows nothing at first', async () => {
      expect(await (await open()).topics(DEADLINE)).toEqual(new Map())
    })

    it.each(CHANGES)('gives a record back as it was remembered, with %o', async (change) => {
      const ledger = await open()
      const to = { ...RECORD, ...change }
      expect(await ledger.remember('orders', undefined, to, DEADLINE)).toBe('remembered')
      expect(await ledger.topics(DEADLINE)).toEqual(new Map([['orders', to]]))
    })

    it.each(CHANGES)('replaces only what was read: %o was not', async (change) => {
      const ledger = await open()
      await ledger.remember('orders', undefined, RECORD, DEADLINE)
      const other = { ...RECORD, ...change }
      expect(await ledger.remember('orders', other, { ...other, restarting: true, paused: true }, DEADLINE)).toBe(
        'moved',
      )
      expect(await ledger.topics(DEADLINE)).toEqual(new Map([['orders', RECORD]]))
      expect(await ledger.remember('orders', RECORD, other, DEADLINE)).toBe('remembered')
      expect(await ledger.remember('orders', RECORD, { ...RECORD, paused: true, missingSince: 1 }, DEADLINE)).toBe(
        'moved',
      )
      expect(await ledger.topics(DEADLINE)).toEqual(new Map([['orders', other]]))
    })

    it('forgets what a record has no more', async () => {
      const ledger = await open()
      const missing = { ...RECORD, missingSince: 5 }
      await ledger.remember('orders', undefined, missing, DEADLINE)
      expect(await ledger.remember('orders', missing, RECORD, DEADLINE)).toBe('remembered')
      expect(await ledger.topics(DEADLINE)).toEqual(new Map([['orders', RECORD]]))
    })

    it('makes no record that is there already, and takes its own write for done', async () => {
      const ledger = await open()
      expect(await ledger.remember('orders', undefined, RECORD, DEADLINE)).toBe('remembered')
      expect(await ledger.remember('orders', undefined, RECORD, DEADLINE)).toBe('remembered')
      expect(await ledger.remember('orders', undefined, { ...RECORD, paused: true }, DEADLINE)).toBe('moved')
      expect(await ledger.remember('payments', RECORD, { ...RECORD, paused: true }, DEADLINE)).toBe('moved')
      expect([...(await ledger.topics(DEADLINE)).keys()]).toEqual(['orders'])
    })

    it('keeps topics of similar names apart', async () => {
      const ledger = await open()
      const names = ['orders', 'orders.eu', 'orders-1', 'Orders', 'o']
      for (const [at, topic] of names.entries())
        await ledger.remember(topic, undefined, { ...RECORD, targetTopic: `t${at}` }, DEADLINE)
      const found = await ledger.topics(DEADLINE)
      expect([...found].map(([topic, { targetTopic }]) => [topic, targetTopic]).sort()).toEqual(
        names.map((topic, at) => [topic, `t${at}`]).sort(),
      )
    })
  })
}
