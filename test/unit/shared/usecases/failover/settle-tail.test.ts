import { describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import type { TailChoice } from '../../../../../shared/domain/failover/failover-input.ts'
import { strandedOrigin, strandedRecord } from '../../../../../shared/domain/failover/stranded-header.ts'
import { sift } from '../../../../../shared/domain/provenance.ts'
import type { PartitionId } from '../../../../../shared/domain/record.ts'
import { lateWithProvenance, withoutLooped } from '../../../../../shared/usecases/failover/own-records.ts'
import { settleTail } from '../../../../../shared/usecases/failover/settle-tail.ts'
import { FakeLogReader } from '../../../../fakes/log-reader.ts'
import { inTime } from '../../../../support/in-time.ts'
import { Killer, killPoints } from '../../../../support/killer.ts'
import { PARTITIONS, StrandedWorld, stranded } from '../../../../support/stranded-world.ts'

const [ORDERS_0, ORDERS_1, CUSTOMERS] = PARTITIONS as [
  (typeof PARTITIONS)[0],
  (typeof PARTITIONS)[0],
  (typeof PARTITIONS)[0],
]
const MANY = Array.from({ length: 20 }, (_, at) => `late ${at}`)

/** A plain tail, one with markers and an aborted transaction, and a partition of which all is replicated. */
const strandedWorld = (): StrandedWorld => {
  const world = new StrandedWorld()
  world.replicate(ORDERS_0, 'one', 'two')
  world.replicate(ORDERS_1, 'three')
  world.replicate(CUSTOMERS, 'four')
  world.strand(ORDERS_0, ...MANY)
  world.source.appendTransaction(ORDERS_1, 'abort', stranded('never'))
  world.source.appendTransaction(ORDERS_1, 'commit', stranded('five'), stranded('six'))
  return world
}

const lines = (words: readonly string[], from: number): string[] => words.map((word, at) => `${from + at} ${word}`)

const EXPORTED = { 'orders-0': lines(MANY, 2), 'orders-1': lines(['five', 'six'], 3) }

describe('a stranded tail', () => {
  it('is counted without markers, aborted records and beats', async () => {
    const world = strandedWorld()
    const { outcome, message } = await world.settle('export')
    expect(outcome).toBe('done')
    expect(message).toBe(
      '22 stranded records in 2 partitions: kept in s3://bucket/tails/first/, and printed by npx twinshore tail west-east first',
    )
    expect(world.counted).toEqual([{ partitions: 2, records: 22n, gone: 0n, bytes: expect.any(BigInt) }])
  })

  it('is nothing when all was replicated', async () => {
    const world = new StrandedWorld()
    world.replicate(ORDERS_0, 'one')
    expect(await world.settle('export')).toMatchObject({ message: expect.stringContaining('0 stranded records in 0') })
    expect(world.store.kept.size).toBe(0)
  })

  it('is everything of a partition that was never replicated, and of another life of a topic', async () => {
    const world = new StrandedWorld()
    world.replicate(CUSTOMERS, 'four', 'five')
    world.strand(CUSTOMERS, 'six')
    world.lives.set('customers', 'life-2')
    world.strand(ORDERS_0, 'one')
    await world.settle('export')
    expect(world.counted.at(-1)).toMatchObject({ partitions: 2, records: 4n })
  })

  it('tells of offsets that retention has taken meanwhile', async () => {
    const world = strandedWorld()
    world.source.deleteBelow(ORDERS_0, 5n)
    expect((await world.settle('export')).message).toContain('and 3 offsets that retention took')
    expect(world.counted.at(-1)).toMatchObject({ records: 19n, gone: 3n })
    expect(await world.exported()).toEqual({ ...EXPORTED, 'orders-0': lines(MANY, 2).slice(3) })
  })

  it('tells of offsets that retention takes while they are counted', async () => {
    const world = strandedWorld()
    const { deps } = world
    const save: typeof deps.ledger.save = async (...args) => {
      world.source.deleteBelow(ORDERS_0, 20n)
      return await deps.ledger.save(...args)
    }
    await world.settle('discard', { ...deps, ledger: { parts: (...args) => deps.ledger.parts(...args), save } })
    const { records = 0n, gone = 0n } = world.counted.at(-1) ?? {}
    expect(gone).toBeGreaterThan(0n)
    expect(records + gone).toBe(22n)
  })

  it("ends where the link back began, whose copies are nobody's tail", async () => {
    const world = strandedWorld()
    await world.turnBack(ORDERS_0, 'copy', 'copy')
    await world.settle('export')
    expect(await world.exported()).toEqual(EXPORTED)
  })

  it('is without what came from the other cluster, where records say so', async () => {
    const world = strandedWorld()
    const clusters = { source: { clusterId: async () => 'west-id' }, target: { clusterId: async () => 'east-id' } }
    world.own = withoutLooped({ ...clusters, targetTopic: (topic) => topic })
    const back = { source: 'east-id', target: 'west-id', sourceTopic: 'orders', targetTopic: 'orders', partition: 0 }
    const [copied] = sift([strandedRecord({ ...stranded('from the east'), offset: 0n })], back).onward
    const header = copied?.headers.at(-1)
    const value = Uint8Array.from(header?.value ?? [])
    const own = { name: Buffer.from(header?.name ?? ''), value }
    world.source.append(ORDERS_0, { ...stranded('from the east'), headers: [...stranded('').headers, own] })
    await world.settle('export')
    expect(world.counted.at(-1)).toMatchObject({ records: 22n })
    expect(await world.exported()).toEqual(EXPORTED)
  })

  it('waits for a transaction that is open', async () => {
    const world = strandedWorld()
    world.source.appendTransaction(CUSTOMERS, 'open', stranded('perhaps'))
    await expect(world.settle('export')).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  })
})

describe('a tail that is exported', () => {
  it('is read back record by record, with all bytes', async () => {
    const world = strandedWorld()
    await world.settle('export')
    expect(await world.exported()).toEqual(EXPORTED)
    const [piece] = world.store.kept.values()
    expect(piece?.stretch.records[0]).toEqual({ ...stranded('late 0'), offset: 2n })
  })

  it('is not read again once it is kept', async () => {
    const world = strandedWorld()
    await world.settle('export')
    world.source.reads = 0
    await world.settle('export')
    expect(world.source.reads).toBe(0)
  })
})

const merged = async (world: StrandedWorld) => ({
  'orders-0': await world.valuesOnTarget(ORDERS_0),
  'orders-1': await world.valuesOnTarget(ORDERS_1),
  'customers-0': await world.valuesOnTarget(CUSTOMERS),
})

/** Runs of the map of the link, by partition. */
const mapped = (world: StrandedWorld) =>
  [ORDERS_0, ORDERS_1].map((partition) =>
    (world.state.head(partition)?.openRuns ?? []).map(({ source, target, length }) => [source, target, length]),
  )

const MERGED = {
  'orders-0': ['one', 'two', ...MANY],
  'orders-1': ['three', 'five', 'six'],
  'customers-0': ['four'],
}

describe('a tail that is merged', () => {
  it('follows on the new active cluster, each record with where it was written', async () => {
    const world = strandedWorld()
    expect((await world.settle('merge')).message).toContain('appended to the new active cluster')
    expect(await merged(world)).toEqual(MERGED)
    const [, , late] = await world.onTarget(ORDERS_0)
    expect(late?.headers[0]).toEqual({ name: Buffer.from('own'), value: null })
    expect(late && strandedOrigin(late)).toEqual({ cluster: 'west', offset: 2n })
  })

  it('is in the map of the link, so that groups that go back find it', async () => {
    const world = strandedWorld()
    world.target.append(ORDERS_0, stranded('of an application'))
    await world.settle('merge')
    expect(mapped(world)).toEqual([
      [
        [0n, 0n, 2n],
        [2n, 3n, 20n],
      ],
      [
        [0n, 0n, 1n],
        [3n, 1n, 2n],
      ],
    ])
    expect(world.state.head(ORDERS_0)).toMatchObject({ nextSource: 22n, nextTarget: 23n, unverifiedFrom: undefined })
    expect(world.state.head(ORDERS_1)).toMatchObject({ nextSource: 6n, nextTarget: 3n, unverifiedFrom: 1n })
  })

  it('says where it comes from, where records do, so that it is not copied back', async () => {
    const world = strandedWorld()
    world.late = lateWithProvenance({
      source: { clusterId: async () => 'west-id' },
      target: { clusterId: async () => 'east-id' },
      targetTopic: (topic) => topic,
    })
    await world.settle('merge')
    const back = { source: 'east-id', target: 'west-id', sourceTopic: 'orders', targetTopic: 'orders', partition: 0 }
    const late = (await world.onTarget(ORDERS_0)).slice(2)
    expect(late.map((record) => strandedOrigin(record)?.offset)).toEqual(MANY.map((_, at) => BigInt(at + 2)))
    expect(sift(late.map(strandedRecord), back).looped).toEqual(MANY.map((_, at) => at + 2))
  })

  it('comes no second time', async () => {
    const world = strandedWorld()
    await world.settle('merge')
    await world.settle('merge')
    expect(await merged(world)).toEqual(MERGED)
  })

  it('waits while nobody can tell what has arrived, behind a transaction of an application', async () => {
    const interrupted = new StrandedWorld()
    interrupted.replicate(ORDERS_0, 'one', 'two')
    interrupted.strand(ORDERS_0, ...MANY)
    const dying = new Killer(1, 'after')
    await expect(
      interrupted.settle('merge', { ...interrupted.deps, target: dying.wrap(interrupted.deps.target) }),
    ).rejects.toThrow('killed')
    interrupted.target.appendTransaction(ORDERS_0, 'open', stranded('of an application'))
    await expect(interrupted.settle('merge')).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' })
  })
})

describe('a tail that is discarded', () => {
  it('is counted all the same, and left where it is', async () => {
    const world = strandedWorld()
    expect((await world.settle('discard')).message).toContain('22 stranded records')
    expect(await world.source.edges([ORDERS_0])).toEqual(
      new Map([['orders-0', { start: 0n, stableEnd: 22n, end: 22n }]]),
    )
    expect(world.store.kept.size).toBe(0)
  })
})

const BEATS = { topic: 'twinshore.heartbeats', partition: 0 }

/** Where each log begins. */
const startsOf = async (world: StrandedWorld) =>
  Object.fromEntries(
    [...(await world.source.edges([...PARTITIONS, BEATS]))].map(([name, edges]) => [
      name,
      'start' in edges ? edges.start : edges.code,
    ]),
  )

const EMPTIED = { 'orders-0': 22n, 'orders-1': 6n, 'customers-0': 1n, 'twinshore.heartbeats-0': 0n }

describe('a tail that is scraped', () => {
  it('is kept before anything is deleted', async () => {
    const world = strandedWorld()
    const deletion = world.deps.deletion
    const kept: number[] = []
    const watched = {
      deleteBelow: async (...args: Parameters<typeof deletion.deleteBelow>) => {
        kept.push(Object.values(await world.exported()).flat().length)
        return await deletion.deleteBelow(...args)
      },
    }
    expect((await world.settle('scrape', { ...world.deps, deletion: watched })).message).toContain('west was emptied')
    expect(kept).toEqual([22])
    expect(await startsOf(world)).toEqual(EMPTIED)
    expect(world.counted.at(-1)).toMatchObject({ records: 22n })
  })

  it('leaves what nobody brings back', async () => {
    const world = strandedWorld()
    const orders = (await world.deps.returning('first', inTime())).filter(({ topic }) => topic === 'orders')
    await world.settle('scrape', { ...world.deps, returning: async () => orders })
    expect(await startsOf(world)).toEqual({ ...EMPTIED, 'customers-0': 0n })
    expect(await world.exported()).toEqual(EXPORTED)
  })

  it('leaves a log that has gone on since it was kept, and says so', async () => {
    for (const when of ['before', 'after'] as const) {
      const world = strandedWorld()
      const dying = { deleteBelow: async () => Promise.reject(new Error('killed')) }
      await world.settle('scrape', { ...world.deps, deletion: dying }).catch(() => undefined)
      if (when === 'after') await world.settle('scrape')
      world.source.append(CUSTOMERS, stranded('written although it was fenced'))
      world.source.append(ORDERS_1, stranded('and this'))
      const settling = world.settle('scrape')
      await expect(settling).rejects.toMatchObject({ code: 'TAIL_LEFT' })
      await expect(settling).rejects.toThrow(
        'orders-1 ended at offset 6 when its tail was kept, and ends at 7 now; customers-0 ended at offset 1 when its tail was kept, and ends at 2 now; mend it, or let the link back begin with all as it is now: npx twinshore tail west-east first --give-up',
      )
      expect((await world.source.edges([CUSTOMERS])).get('customers-0')).toMatchObject({
        start: when === 'before' ? 0n : 1n,
        end: 2n,
      })
    }
  })

  it('leaves what may be the only copy, since the new cluster has lost records', async () => {
    const rewound = strandedWorld()
    const head = rewound.state.head(ORDERS_1)
    if (head !== undefined) await rewound.state.advance(ORDERS_1, head, { ...head, rewoundTo: 0n })
    await expect(rewound.settle('scrape')).rejects.toMatchObject({ code: 'TARGET_REWOUND' })
    const shorter = strandedWorld()
    const [topic] = await shorter.deps.returning('first', inTime())
    if (topic === undefined) throw new Error('nothing comes back')
    const points = new Map([[0, { targetEnd: 3n, replicated: { source: 2n, target: 3n } }]])
    const returning = async () => [{ ...topic, points }]
    const settling = shorter.settle('scrape', { ...shorter.deps, returning })
    await expect(settling).rejects.toMatchObject({ code: 'TARGET_REWOUND' })
    for (const world of [rewound, shorter]) expect(Object.values(await startsOf(world))).toEqual([0n, 0n, 0n, 0n])
  })

  it.each(['filtered', 'lost'] as const)('leaves what lies below it and was never replicated: %s', async (kind) => {
    const world = strandedWorld()
    const gap = { incarnation: 'life-1', kind, from: 0n, to: 2n, reason: 'stranded by the failover before', at: 1 }
    await world.state.recordGap(ORDERS_0, gap)
    const settling = world.settle('scrape')
    await expect(settling).rejects.toThrow(
      `TAIL_LEFT: emptying west: orders-0 holds offsets from 0 to 1 that were not replicated (${kind}: stranded by the failover before); mend it, or let the link back begin with all as it is now: npx twinshore tail west-east first --give-up`,
    )
    expect(Object.values(await startsOf(world))).toEqual([0n, 0n, 0n, 0n])
    expect(await world.exported()).toEqual(EXPORTED)
    world.source.deleteBelow(ORDERS_0, 1n)
    await expect(world.settle('scrape')).rejects.toMatchObject({ code: 'TAIL_LEFT' })
    world.source.deleteBelow(ORDERS_0, 2n)
    await world.settle('scrape')
    expect(await startsOf(world)).toEqual(EMPTIED)
  })

  it.each([
    ['was quarantined', { kind: 'quarantined' }],
    ['came from the new cluster', { kind: 'looped' }],
    ['was in another life of the topic', { incarnation: 'life-0' }],
    ['belongs to the tail itself', { from: 2n, to: 22n }],
  ] as const)('is settled whatever lies below it that %s', async (_what, changes) => {
    const world = strandedWorld()
    const gap = { incarnation: 'life-1', kind: 'filtered', from: 0n, to: 2n, reason: 'by the test', at: 1 } as const
    await world.state.recordGap(ORDERS_0, { ...gap, ...changes })
    await world.settle('scrape')
    expect(await startsOf(world)).toEqual(EMPTIED)
  })

  it('is left where nobody can tell what lies below it', async () => {
    const world = strandedWorld()
    const gaps = { gaps: async () => Promise.reject(new ReplicationError('STATE_UNREACHABLE', 'reading the gaps')) }
    const settling = world.settle('scrape', { ...world.deps, gaps })
    await expect(settling).rejects.toMatchObject({ code: 'STATE_UNREACHABLE' })
    expect(Object.values(await startsOf(world))).toEqual([0n, 0n, 0n, 0n])
  })

  it.each([
    ['was written anew since', [stranded('another one'), stranded('and more')]],
    ['is shorter by one', []],
  ] as const)('leaves what may be the only copy: the log of the new cluster %s', async (_what, written) => {
    const world = strandedWorld()
    await world.settle('export')
    const target = new FakeLogReader('target')
    for (const [topic, partitions] of [
      ['orders', 2],
      ['customers', 1],
    ] as const)
      target.createTopic(topic, partitions)
    target.append(ORDERS_0, stranded('one'), ...written)
    target.append(ORDERS_1, stranded('three'))
    target.append(CUSTOMERS, stranded('four'), stranded('by an application'))
    const settling = world.settle('scrape', { ...world.deps, targetReader: target })
    await expect(settling).rejects.toMatchObject({ code: 'TARGET_REWOUND' })
    await expect(settling).rejects.toThrow(
      /emptying west: orders-0 does not hold at offset 1 what orders-0 holds at 1, .* or nobody can tell, .*; mend it, .* --give-up/,
    )
    expect(Object.values(await startsOf(world))).toEqual([0n, 0n, 0n, 0n])
  })

  it.each(['source', 'target'] as const)(
    'is settled where retention has taken the last copy on the %s',
    async (side) => {
      const world = strandedWorld()
      world.target.append(ORDERS_0, stranded('by an application'))
      world[side].deleteBelow(ORDERS_0, 2n)
      await world.settle('scrape')
      expect(await startsOf(world)).toEqual(EMPTIED)
    },
  )

  it('is settled where the topic of the last copy was made anew on the source', async () => {
    const world = strandedWorld()
    world.lives.set('orders', 'life-2')
    const head = world.state.head(ORDERS_0)
    const openRuns = [{ source: 0n, target: 1n, length: 1n }]
    if (head !== undefined) await world.state.advance(ORDERS_0, head, { ...head, openRuns })
    await world.settle('scrape')
    expect(await startsOf(world)).toEqual(EMPTIED)
  })

  it('says which topic Kafka does not empty', async () => {
    const world = strandedWorld()
    const refusal = (of: string) => new ReplicationError('TOPIC_REFUSED', `deleting the records of ${of}`)
    const later = new ReplicationError('SOURCE_UNREACHABLE', 'deleting the records of customers-0')
    const answers = (...refused: readonly ReplicationError[]) => ({
      deleteBelow: async () => new Map(refused.map((one, at) => [`partition-${at}`, one])),
    })
    const refused = answers(refusal('orders-0'), later, refusal('orders-1'))
    const settling = world.settle('scrape', { ...world.deps, deletion: refused })
    await expect(settling).rejects.toMatchObject({ code: 'TOPIC_REFUSED' })
    for (const told of ['records of orders-0', 'records of orders-1', later.message, 'tail west-east first --give-up'])
      await expect(settling).rejects.toThrow(told)
    await expect(world.settle('scrape', { ...world.deps, deletion: answers(later) })).rejects.toBe(later)
  })

  it('says where the old cluster has lost what was kept, and deletes nothing', async () => {
    const world = strandedWorld()
    const dying = { deleteBelow: async () => Promise.reject(new Error('killed')) }
    await world.settle('scrape', { ...world.deps, deletion: dying }).catch(() => undefined)
    const edges = async (partitions: readonly PartitionId[]) => {
      const known = await world.source.edges(partitions)
      return new Map([...known, ['orders-1', { start: 0n, stableEnd: 4n, end: 4n }]])
    }
    const reader = new Proxy(world.source, {
      get: (of, name) => {
        const member: unknown = name === 'edges' ? edges : Reflect.get(of, name)
        return typeof member === 'function' ? member.bind(of) : member
      },
    })
    await expect(world.settle('scrape', { ...world.deps, reader })).rejects.toThrow(
      /^TAIL_LEFT: emptying west: orders-1 ended at offset 6 when its tail was kept, and ends at 4 now; mend it/,
    )
    expect(Object.values(await startsOf(world))).toEqual([0n, 0n, 0n, 0n])
  })
})

describe('settling a tail', () => {
  const whole: Readonly<Record<TailChoice, (world: StrandedWorld) => Promise<void>>> = {
    export: async (world) => expect(await world.exported()).toEqual(EXPORTED),
    merge: async (world) => {
      expect(await merged(world)).toEqual(MERGED)
      expect(mapped(world)).toEqual([
        [[0n, 0n, 22n]],
        [
          [0n, 0n, 1n],
          [3n, 1n, 2n],
        ],
      ])
    },
    discard: async (world) => expect(world.store.kept.size).toBe(0),
    scrape: async (world) => {
      expect(await world.exported()).toEqual(EXPORTED)
      expect(await startsOf(world)).toEqual(EMPTIED)
    },
  }

  it.each(Object.keys(whole) as TailChoice[])('goes on wherever it was killed: %s', async (tail) => {
    const undisturbed = new Killer(0, 'before')
    const rehearsal = strandedWorld()
    await rehearsal.settle(tail, rehearsal.killed(undisturbed))
    const points = killPoints(undisturbed)
    expect(points.length).toBeGreaterThan(10)
    for (const [at, when] of points) {
      const world = strandedWorld()
      await expect(world.settle(tail, world.killed(new Killer(at, when)))).rejects.toThrow('killed')
      const { outcome } = await world.settle(tail)
      expect(outcome).toBe('done')
      await whole[tail](world)
      expect(world.counted.at(-1), `${when} call ${at}`).toMatchObject({ records: 22n, gone: 0n })
    }
  })

  it('goes on with the next pass when there is more than one takes', async () => {
    const world = strandedWorld()
    const control = new AbortController()
    const keep = async (...args: Parameters<typeof world.store.keep>) => {
      await world.store.keep(...args)
      control.abort()
      throw new ReplicationError('TAIL_UNREACHABLE', 'keeping a piece: the deadline passed')
    }
    const store = { keep, place: () => '', objects: world.store.objects.bind(world.store), fetch: world.store.fetch }
    const soon = { at: Date.now() + 20_000, signal: control.signal }
    const owed = { execution: 'first', tail: 'export' } as const
    expect(await settleTail(owed, soon, { ...world.deps, store })).toMatchObject({ outcome: 'again' })
    expect(world.counted).toHaveLength(1)
    expect(await world.settle('export')).toMatchObject({ outcome: 'done' })
    expect(await world.exported()).toEqual(EXPORTED)
  })

  it('goes on although it is killed again and again: merge', async () => {
    for (let at = 1; at < 8; at++) {
      const world = strandedWorld()
      for (let lives = 0; lives < 60; lives++) {
        const killer = new Killer(at, lives % 2 === 0 ? 'after' : 'before')
        const deps = { ...world.deps, target: killer.wrap(world.deps.target), ledger: killer.wrap(world.deps.ledger) }
        const outcome = await world.settle('merge', deps).catch(() => undefined)
        if (outcome !== undefined) break
      }
      await world.settle('merge')
      expect(await merged(world)).toEqual(MERGED)
    }
  })
})
