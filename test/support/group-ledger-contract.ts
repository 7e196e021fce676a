import { describe, expect, it } from 'vitest'
import { type GroupRecord, groupRecordName, type PublishedPosition } from '../../shared/domain/groups/group-record.ts'
import type { GroupLedger } from '../../shared/usecases/groups/group-ports.ts'
import { inTime } from './in-time.ts'

const LARGEST = (1n << 63n) - 1n
const POSITION: PublishedPosition = {
  origin: { topic: 'orders', incarnation: 'AAAAAAAAAAAAAAAAAAAAAA' },
  source: 10n,
  target: 12n,
  earlier: [],
}
const RECORD: GroupRecord = { at: 1_700_000_000_000, positions: new Map([[0, POSITION]]) }

const withPosition = (change: Partial<PublishedPosition>): GroupRecord => ({
  ...RECORD,
  positions: new Map([[0, { ...POSITION, ...change }]]),
})

const OTHERS: readonly (readonly [string, GroupRecord])[] = [
  ['a later time', { ...RECORD, at: RECORD.at + 1 }],
  ['another life of the topic', withPosition({ origin: { topic: 'orders', incarnation: 'B' } })],
  ['another topic', withPosition({ origin: { topic: 'east.orders', incarnation: 'AAAAAAAAAAAAAAAAAAAAAA' } })],
  ['the largest offsets', withPosition({ source: LARGEST, target: LARGEST })],
  ['something that stood there', withPosition({ was: 0n })],
  ['earlier positions', withPosition({ earlier: [3n, LARGEST] })],
  ['a rewind that is owed', withPosition({ was: 40n, rewindOwed: true })],
  [
    'more partitions, of two topics',
    {
      ...RECORD,
      positions: new Map([
        [0, POSITION],
        [7, { ...POSITION, origin: { topic: 'z', incarnation: 'Z' }, was: 1n, earlier: [2n] }],
        [100_000, POSITION],
      ]),
    },
  ],
]

/** What the ledger of groups promises, whoever keeps it; `open` gives one that holds nothing. */
export const groupLedgerContract = (name: string, open: () => Promise<GroupLedger>): void => {
  describe(name, () => {
    it('knows nothing at first', async () => {
      expect(await (await open()).records(inTime())).toEqual(new Map())
    })

    it.each(OTHERS)('gives a record back as it was remembered, with %s', async (_what, record) => {
      const ledger = await open()
      expect(await ledger.remember('orders', 'billing', undefined, record, inTime())).toBe('remembered')
      expect(await ledger.records(inTime())).toEqual(new Map([[groupRecordName('orders', 'billing'), record]]))
    })

    it.each(OTHERS)('replaces only what was read: not where there is %s', async (_what, other) => {
      const ledger = await open()
      const next = withPosition({ source: 99n })
      await ledger.remember('orders', 'billing', undefined, RECORD, inTime())
      expect(await ledger.remember('orders', 'billing', other, next, inTime())).toBe('moved')
      expect(await ledger.remember('orders', 'billing', undefined, next, inTime())).toBe('moved')
      expect(await ledger.records(inTime())).toEqual(new Map([['orders#billing', RECORD]]))
      expect(await ledger.remember('orders', 'billing', RECORD, other, inTime())).toBe('remembered')
      expect(await ledger.remember('orders', 'billing', RECORD, next, inTime())).toBe('moved')
      expect(await ledger.records(inTime())).toEqual(new Map([['orders#billing', other]]))
    })

    it('takes its own write for done', async () => {
      const ledger = await open()
      for (const from of [undefined, undefined, withPosition({ source: 1n })])
        expect(await ledger.remember('orders', 'billing', from, RECORD, inTime())).toBe('remembered')
    })

    it('makes no record anew that is gone', async () => {
      expect(await (await open()).remember('orders', 'billing', RECORD, withPosition({ was: 1n }), inTime())).toBe(
        'moved',
      )
    })

    it('keeps groups and topics of similar names apart', async () => {
      const ledger = await open()
      const places = [
        ['orders', 'a'],
        ['orders', 'a#b'],
        ['orders', '#'],
        ['orders.eu', 'a'],
        ['orders', 'Ä ü'],
      ] as const
      for (const [at, [topic, group]] of places.entries())
        await ledger.remember(topic, group, undefined, withPosition({ source: BigInt(at) }), inTime())
      const found = await ledger.records(inTime())
      expect(
        places.map(([topic, group]) => found.get(groupRecordName(topic, group))?.positions.get(0)?.source),
      ).toEqual(places.map((_, at) => BigInt(at)))
    })
  })
}
