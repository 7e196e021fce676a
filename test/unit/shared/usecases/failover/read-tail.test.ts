import { beforeEach, describe, expect, it } from 'vitest'
import type { TailPart } from '../../../../../shared/domain/failover/stranded-tail.ts'
import { TailAccount } from '../../../../../shared/domain/failover/tail-account.ts'
import { readTail } from '../../../../../shared/usecases/failover/read-tail.ts'
import { type StrandedTail, strandedTails } from '../../../../../shared/usecases/failover/stranded-tails.ts'
import { FakeTailLedger } from '../../../../fakes/tail-ledger.ts'
import { FakeTailStore } from '../../../../fakes/tail-store.ts'
import { inTime } from '../../../../support/in-time.ts'
import { EXECUTION, PARTITIONS, StrandedWorld, stranded } from '../../../../support/stranded-world.ts'

const ORDERS = { topic: 'orders', partition: 0, incarnation: 'life-1' }
const MANY = Array.from({ length: 20 }, (_, at) => `late ${at}`)

let store: FakeTailStore
let ledger: FakeTailLedger

beforeEach(() => {
  store = new FakeTailStore()
  ledger = new FakeTailLedger()
})

/** Offsets 10 to 39 of the partition, all counted and settled, unless told otherwise. */
const part = (changes: Partial<TailPart> = {}): TailPart => ({
  ...ORDERS,
  ...{ from: 10n, first: 10n, to: 40n, gone: 0n, settledTo: 40n, counted: { to: 40n, records: 30n, bytes: 300n } },
  ...changes,
})

const keep = async (from: number, to: number, place = ORDERS): Promise<string> => {
  const records = Array.from({ length: to - from }, (_, at) => ({ ...stranded('late'), offset: BigInt(from + at) }))
  await store.keep(EXECUTION, { ...place, from: BigInt(from), to: BigInt(to), records, gone: false })
  return [...store.kept.keys()].at(-1) ?? ''
}

const read = async (parts: readonly TailPart[], wanted: (one: { topic: string }) => boolean = () => true) => {
  const account = new TailAccount(parts)
  const offsets: number[] = []
  for await (const finding of readTail({ execution: EXECUTION, parts, wanted }, store, inTime())) {
    account.add(finding)
    if (finding.kind === 'record') offsets.push(Number(finding.record.offset))
  }
  return { offsets, troubles: account.troubles, isNothing: account.isNothing }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at)

describe('an exported tail', () => {
  it('is read whole, each record once although pieces overlap', async () => {
    for (const [from, to] of [
      [10, 20],
      [15, 30],
      [16, 18],
      [20, 30],
      [30, 40],
    ] as const)
      await keep(from, to)
    expect(await read([part()])).toEqual({ offsets: range(10, 40), troubles: [], isNothing: false })
    expect(store.fetches, 'no piece for nothing').toBe(3)
  })

  it.each([
    ['first', 0, 'offsets 10 to 19'],
    ['middle', 1, 'offsets 20 to 29'],
    ['last', 2, 'offsets 30 to 39'],
  ])('tells of its %s piece when it is missing, and reads the others', async (_which, at, words) => {
    const keys = [await keep(10, 20), await keep(20, 30), await keep(30, 40)]
    store.kept.delete(keys[at] ?? '')
    const { offsets, troubles } = await read([part()])
    expect(troubles).toEqual([`orders-0: ${words} cannot be read: the piece that held them is missing`])
    expect(offsets).toEqual(range(10, 40).filter((offset) => Math.floor(offset / 10) !== at + 1))
  })

  it.each([0, 1, 2])('tells of a damaged piece, and reads the others: %i', async (at) => {
    const keys = [await keep(10, 20), await keep(20, 30), await keep(30, 40)]
    store.damaged.add(keys[at] ?? '')
    const { offsets, troubles } = await read([part()])
    const damage = expect.stringContaining('not packed by gzip')
    expect(troubles).toEqual([damage])
    expect(troubles[0]).toContain(`offsets ${(at + 1) * 10} to ${(at + 1) * 10 + 9} cannot be read`)
    expect(offsets).toHaveLength(20)
  })

  it('is whole although a piece is damaged whose records another one has', async () => {
    const damaged = await keep(10, 20)
    await keep(10, 40)
    store.damaged.add(damaged)
    expect(await read([part()])).toMatchObject({ offsets: range(10, 40), troubles: [] })
  })

  it('misses what is missing behind a damaged piece whose records another one has', async () => {
    store.damaged.add(await keep(10, 20))
    await keep(10, 30)
    expect((await read([part()])).troubles).toEqual([expect.stringMatching(/offsets 30 to 39 .*is missing$/)])
  })

  it('tells of a damaged piece that nobody has remembered yet', async () => {
    await keep(10, 20)
    store.damaged.add(await keep(20, 30))
    expect((await read([part({ settledTo: 20n })])).troubles[0]).toMatch(/offsets 20 to 29 .*not packed by gzip/)
  })

  it('is not what was counted when records are missing within a piece', async () => {
    await keep(10, 39)
    const known = part({ to: 39n, settledTo: 39n })
    const counted = (records: bigint) => ({ ...known, counted: { ...known.counted, to: 39n, records } })
    expect((await read([counted(29n)])).troubles).toEqual([])
    expect((await read([counted(30n)])).troubles).toEqual([
      expect.stringMatching(/^orders-0: 29 records are kept, and 30 were counted: retention took some/),
    ])
    expect((await read([counted(28n)])).troubles).toEqual([
      'orders-0: 29 records are kept, and 28 were counted: pieces were changed',
    ])
  })

  it('says how far it came while it is being exported', async () => {
    await keep(10, 20)
    expect(await read([part({ settledTo: 20n })])).toMatchObject({
      offsets: range(10, 20),
      troubles: ['orders-0: settled up to offset 20 of 40 so far; it goes on'],
    })
  })

  it('is nothing when it was never exported', async () => {
    expect(await read([part()])).toMatchObject({ offsets: [], isNothing: true })
    await keep(10, 20)
    expect(await read([part()])).toMatchObject({ isNothing: false })
  })

  it('keeps lives of a topic apart', async () => {
    await keep(10, 40)
    await keep(0, 5, { ...ORDERS, incarnation: 'life-0' })
    const before = part({ incarnation: 'life-0', from: 0n, first: 0n, to: 5n, settledTo: 5n })
    const counted = { ...before, counted: { to: 5n, records: 5n, bytes: 0n } }
    expect((await read([part(), counted])).troubles).toEqual([])
    expect((await read([part()])).troubles).toEqual(['orders-0: the ledger knows nothing of its life life-0'])
  })

  it('fetches nothing of partitions that are not wanted', async () => {
    await keep(10, 40)
    await keep(10, 40, { ...ORDERS, topic: 'customers' })
    const isOrders = ({ topic }: { topic: string }) => topic === 'orders'
    expect(await read([part(), part({ topic: 'customers', settledTo: 50n })].filter(isOrders), isOrders)).toEqual({
      offsets: range(10, 40),
      troubles: [],
      isNothing: false,
    })
    expect(store.fetches).toBe(1)
  })

  it('ends with an error where its bucket does not answer, which is no damage', async () => {
    await keep(10, 40)
    store.reachable = false
    await expect(read([part()])).rejects.toMatchObject({ code: 'TAIL_UNREACHABLE' })
  })
})

describe('what failovers have stranded', () => {
  const debts = { givenUp: async () => undefined }
  const survey = async (): Promise<readonly StrandedTail[]> =>
    await strandedTails(inTime(), { history: ledger, debts, store: async () => store })
  const kept = async () => (await survey()).flatMap(({ topics }) => topics.map((topic) => topic.kept))

  it('is nothing at first, and the bucket is not asked', async () => {
    const noStore = async () => expect.unreachable('there is nothing to look for')
    expect(await strandedTails(inTime(), { history: ledger, debts, store: noStore })).toEqual([])
  })

  it('is listed by execution and topic, and no piece is read', async () => {
    await ledger.save('second', part())
    await ledger.save(EXECUTION, part({ partition: 1 }))
    await ledger.save(EXECUTION, part({ gone: 2n }))
    await ledger.save(EXECUTION, part({ topic: 'customers' }))
    const found = await survey()
    expect(found.map(({ execution, place }) => [execution, place])).toEqual([
      ['first', 's3://bucket/tails/first/'],
      ['second', 's3://bucket/tails/second/'],
    ])
    expect(found[0]?.topics).toMatchObject([
      { topic: 'customers', partitions: 1, records: 30n, bytes: 300n, gone: 0n },
      { topic: 'orders', partitions: 2, records: 60n, bytes: 600n, gone: 2n },
    ])
    expect(store.fetches).toBe(0)
  })

  it('is kept whole once all of it is settled and every piece is there', async () => {
    await ledger.save(EXECUTION, part({ settledTo: 20n }))
    await keep(10, 20)
    expect(await kept()).toEqual(['going-on'])
    await ledger.save(EXECUTION, part())
    expect(await kept()).toEqual(['incomplete'])
    const key = await keep(15, 40)
    expect(await kept()).toEqual(['whole'])
    await keep(16, 18)
    expect(await kept()).toEqual(['whole'])
    store.kept.delete(key)
    await keep(21, 40)
    expect(await kept()).toEqual(['incomplete'])
    store.kept.clear()
    expect(await kept()).toEqual(['nothing'])
  })
})

describe('a tail that was exported piece by piece', () => {
  it('misses whichever piece somebody has removed', async () => {
    const world = new StrandedWorld()
    const [orders] = PARTITIONS
    if (orders === undefined) throw new Error('there is no partition')
    world.replicate(orders, 'one', 'two')
    world.strand(orders, ...MANY)
    await world.settle('export')
    const whole = await world.exported()
    expect(whole['orders-0']).toHaveLength(20)
    for (const [key, kept] of [...world.store.kept]) {
      world.store.kept.delete(key)
      const { from, to } = kept.object
      expect((await world.exported())['orders-0'], key).toContain(`${from} to ${to} missing`)
      world.store.kept.set(key, kept)
    }
    expect(await world.exported()).toEqual(whole)
  })
})
