import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { GroupWorld } from '../../../../support/sync-groups-world.ts'

const ORDERS = { topic: 'orders', partition: 0 }
const IN_EAST = { topic: 'west.orders', partition: 0 }
const IN_WEST = { topic: 'east.orders', partition: 0 }

let world: GroupWorld

beforeEach(async () => {
  world = new GroupWorld()
  world.write('east', IN_EAST, 3)
  world.write('west', ORDERS, 50)
  world.write('east', ORDERS, 30)
  await world.replicate('west-east', ORDERS)
  await world.replicate('east-west', ORDERS)
})

const passBoth = async (): Promise<void> => {
  await world.pass('west-east')
  await world.pass('east-west')
}

describe('a pair of links with names that carry their origin', () => {
  it('takes positions to the replicas, and positions in replicas back', async () => {
    world.commit('west', 'billing', ORDERS, 10n)
    await passBoth()
    expect(world.position('east', 'billing', IN_EAST)).toBe(13n)
    world.commit('east', 'billing', IN_EAST, 33n) // it was moved there, and read on
    world.commit('east', 'billing', ORDERS, 7n)
    await passBoth()
    expect(world.position('west', 'billing', ORDERS)).toBe(30n)
    expect(world.position('west', 'billing', IN_WEST)).toBe(7n)
  })

  it('does not push a group forward that was set back, by what it published itself', async () => {
    world.commit('east', 'billing', IN_EAST, 33n)
    await passBoth()
    expect(world.position('west', 'billing', ORDERS)).toBe(30n)
    world.commit('east', 'billing', IN_EAST, 13n)
    const { groups } = await world.pass('west-east')
    await passBoth()
    expect(groups.flatMap(({ skipped }) => skipped.map(({ because }) => because))).toEqual(['echo'])
    expect(world.position('east', 'billing', IN_EAST)).toBe(13n)
    world.commit('west', 'billing', ORDERS, 31n)
    await passBoth()
    expect(world.position('east', 'billing', IN_EAST)).toBe(34n)
  })

  it('does not push a group forward that was set back after it was moved, until it moves on where it came from', async () => {
    world.commit('west', 'billing', ORDERS, 30n)
    await passBoth()
    expect(world.position('east', 'billing', IN_EAST)).toBe(33n)
    world.commit('east', 'billing', IN_EAST, 13n)
    const { groups } = await world.pass('west-east')
    await passBoth()
    expect(groups.flatMap(({ skipped }) => skipped.map(({ because }) => because))).toEqual(['set-back'])
    expect(world.position('east', 'billing', IN_EAST)).toBe(13n)
    world.commit('west', 'billing', ORDERS, 31n)
    await passBoth()
    expect(world.position('east', 'billing', IN_EAST)).toBe(34n)
  })

  it('knows its own position also when the pass that was to replace it was killed in between', async () => {
    world.commit('east', 'billing', IN_EAST, 23n)
    await world.pass('east-west')
    for (const committed of [33n, 43n]) {
      world.commit('east', 'billing', IN_EAST, committed)
      world.clusters.west.groups.refuse('commit', 'billing', 'TARGET_UNREACHABLE')
      await world.pass('east-west')
    }
    expect(world.position('west', 'billing', ORDERS)).toBe(20n)
    world.commit('east', 'billing', IN_EAST, 5n)
    await world.pass('west-east')
    expect(world.position('east', 'billing', IN_EAST)).toBe(5n)
  })

  it('moves nothing that could come back while the table of the link the other way cannot be read', async () => {
    world.commit('west', 'billing', ORDERS, 10n)
    world.commit('west', 'billing', IN_WEST, 7n)
    world.memory('east-west').groups.broken = new ReplicationError('STATE_UNREACHABLE', 'reading the groups')
    const report = await world.pass('west-east')
    expect(report.troubles).toEqual([expect.stringContaining('STATE_UNREACHABLE')])
    expect(report.groups[0]?.skipped).toEqual([
      {
        topic: 'east.orders',
        partitions: [0],
        because: 'unknown-way',
        detail: 'the table of east-west could not be read',
      },
    ])
    expect(world.clusters.east.groups.changes).toEqual(['billing west.orders-0 13'])
    expect(report.faulted).toEqual([])
  })
})

describe('a pair of links that keep names', () => {
  beforeEach(() => {
    world = new GroupWorld({ links: { naming: 'identity', provenance: true } })
  })

  it('moves a group to the first record that it has not read, whichever side that was written on', async () => {
    world.write('west', ORDERS, 10)
    await world.replicate('west-east', ORDERS)
    world.write('east', ORDERS, 5)
    await world.replicate('east-west', ORDERS)
    world.write('west', ORDERS, 5)
    await world.replicate('west-east', ORDERS)
    await world.replicate('east-west', ORDERS)
    world.commit('west', 'billing', ORDERS, 18n) // of 10 of its own, 5 of the east's and 5 of its own
    await world.pass('west-east')
    expect(world.position('east', 'billing', ORDERS)).toBe(18n)
    world.commit('east', 'other', ORDERS, 12n)
    await world.pass('east-west')
    expect(world.position('west', 'other', ORDERS)).toBe(12n)
  })

  it('waits until both maps can tell', async () => {
    world.write('west', ORDERS, 10)
    await world.replicate('west-east', ORDERS)
    world.commit('west', 'billing', ORDERS, 5n)
    const { groups } = await world.pass('west-east')
    expect(groups[0]?.skipped.map(({ because }) => because)).toEqual(['unmapped'])
    await world.replicate('east-west', ORDERS)
    await world.pass('west-east')
    expect(world.position('east', 'billing', ORDERS)).toBe(5n)
  })
})

type Happening =
  | { readonly kind: 'write'; readonly on: 'west' | 'east'; readonly count: number; readonly markers: boolean }
  | {
      readonly kind: 'replicate'
      readonly name: 'west-east' | 'east-west'
      readonly count: number
      readonly dies?: boolean
    }

const historyOf = (accidents: boolean) =>
  fc.array(
    fc.oneof(
      fc.record<Happening & { kind: 'write' }>({
        kind: fc.constant('write'),
        on: fc.constantFrom('west', 'east'),
        count: fc.integer({ min: 1, max: 6 }),
        markers: fc.integer({ min: 0, max: 4 }).map((one) => one === 0),
      }),
      fc.record<Happening & { kind: 'replicate' }>({
        kind: fc.constant('replicate'),
        name: fc.constantFrom('west-east', 'east-west'),
        count: fc.integer({ min: 1, max: 9 }),
        dies: accidents ? fc.boolean() : fc.constant(false),
      }),
    ),
    { minLength: 5, maxLength: 25, size: 'max' },
  )

const happenings = historyOf(false)

/** Few runs a page, so that most of a map is in pages. */
const LIMITS = { openRunsBytes: 12, pageBytes: 16 }

const play = async (naming: 'prefix' | 'identity', history: readonly Happening[]): Promise<GroupWorld> => {
  const played = new GroupWorld({ links: { naming, provenance: naming === 'identity' }, limits: LIMITS })
  for (const happening of history) {
    if (happening.kind === 'replicate') await played.replicate(happening.name, ORDERS, happening.count, happening)
    else played.write(happening.on, ORDERS, happening.count, happening.markers ? 'markers' : 'records')
  }
  return played
}

/** Twice each way, so that nothing is on its way any more. */
const drain = async (played: GroupWorld): Promise<void> => {
  for (const name of ['west-east', 'east-west', 'west-east', 'east-west']) await played.replicate(name, ORDERS)
}

const readBefore = (played: GroupWorld, committed: number): ReadonlySet<number | undefined> =>
  new Set(
    played
      .log('west', ORDERS)
      .slice(0, committed)
      .map((slot) => slot?.id),
  )

describe('whatever was written and replicated in whatever order', () => {
  it('a group of a pair that keeps names skips no record, and begins with one that it has not read', async () => {
    await fc.assert(
      fc.asyncProperty(happenings, fc.nat(60), async (history, at) => {
        const played = await play('identity', history)
        await drain(played)
        const committed = Math.min(at, played.log('west', ORDERS).length)
        played.commit('west', 'billing', ORDERS, committed)
        await played.pass('west-east')
        const position = played.position('east', 'billing', ORDERS)
        if (position === undefined) return
        const read = readBefore(played, committed)
        const log = played.log('east', ORDERS)
        const unread = log.findIndex((slot) => slot !== undefined && !read.has(slot.id))
        const records = log.slice(Number(position)).filter((slot) => slot !== undefined)
        expect(unread === -1 || Number(position) <= unread).toBe(true)
        expect(records[0] === undefined || !read.has(records[0].id)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('a group of a pair that keeps names skips no record while both links lag behind, and die, and append twice', async () => {
    await fc.assert(
      fc.asyncProperty(historyOf(true), fc.nat(60), async (history, at) => {
        const played = await play('identity', history)
        const committed = Math.min(at, played.log('west', ORDERS).length)
        played.commit('west', 'billing', ORDERS, committed)
        await played.pass('west-east')
        const position = Number(played.position('east', 'billing', ORDERS) ?? 0n)
        const read = readBefore(played, committed)
        await drain(played)
        const log = played.log('east', ORDERS).map((slot) => slot?.id)
        const unread = new Set(log.filter((id) => id !== undefined && !read.has(id)))
        expect([...unread].filter((id) => log.lastIndexOf(id) < position)).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it.each(['prefix', 'identity'] as const)(
    'a group that goes there and back with %s lands where it was, or before (I12)',
    async (naming) => {
      await fc.assert(
        fc.asyncProperty(happenings, fc.nat(60), async (history, at) => {
          const played = await play(naming, history)
          await drain(played)
          const committed = Math.min(at, played.log('west', ORDERS).length)
          played.commit('west', 'billing', ORDERS, committed)
          await played.pass('west-east')
          played.memory('west-east').groups.stored.clear() // nobody knows any more whose position it is
          played.clusters.west.groups.put('billing')
          await played.pass('east-west')
          const landed = played.position('west', 'billing', ORDERS) ?? 0n
          const holes = played.log('west', ORDERS).slice(committed, Number(landed))
          expect(holes.every((slot) => slot === undefined)).toBe(true)
          const first = played.log('west', ORDERS).findIndex((slot) => slot !== undefined)
          if (naming === 'prefix' && committed > first) expect(landed <= BigInt(committed)).toBe(true)
        }),
        { numRuns: 200 },
      )
    },
  )

  it('two links that pass over the same groups come to rest', async () => {
    await fc.assert(
      fc.asyncProperty(
        happenings,
        fc.nat(60),
        fc.nat(60),
        fc.constantFrom('prefix' as const, 'identity' as const),
        async (history, west, east, naming) => {
          const played = await play(naming, history)
          await drain(played)
          const { length } = played.log('west', ORDERS)
          played.commit('west', 'billing', ORDERS, Math.min(west, length))
          played.commit('east', 'billing', ORDERS, Math.min(east, played.log('east', ORDERS).length))
          for (const name of ['west-east', 'east-west', 'west-east', 'east-west']) await played.pass(name)
          expect((await played.pass('west-east')).positionsMoved).toBe(0)
          expect((await played.pass('east-west')).positionsMoved).toBe(0)
        },
      ),
      { numRuns: 200 },
    )
  })
})
