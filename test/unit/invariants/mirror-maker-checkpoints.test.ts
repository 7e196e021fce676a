import { describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../shared/domain/errors.ts'
import { GroupWorld } from '../../support/sync-groups-world.ts'

// Apache Kafka's tests of MirrorMaker 2 by their names; the sentence says what that one asserts, the test what holds here.

const ORDERS = { topic: 'orders', partition: 0 }
const REPLICA = { topic: 'west.orders', partition: 0 }

/** A hundred records, three further on on the target, so that no offset is right by chance. */
const groupWorld = async (options: ConstructorParameters<typeof GroupWorld>[0] = {}): Promise<GroupWorld> => {
  const world = new GroupWorld({ bothWays: false, ...options })
  world.write('east', REPLICA, 3)
  world.write('west', ORDERS, 100)
  await world.replicate('west-east', ORDERS)
  return world
}

const skippedIn = async (world: GroupWorld, link = 'west-east') =>
  (await world.pass(link)).groups.flatMap(({ group, skipped }) =>
    skipped.map(({ topic, because }) => `${group} ${topic} ${because}`),
  )

describe('OffsetSyncStoreTest', () => {
  describe('testNoTranslationIfStoreNotStarted: nothing is translated until all syncs were read', () => {
    it('a map that cannot be read moves nothing, and the next pass needs no warming up', async () => {
      const world = await groupWorld()
      world.commit('west', 'billing', ORDERS, 50)
      const { map } = world.memory('west-east')
      const error = new ReplicationError('STATE_UNREACHABLE', 'test')
      map.faults.push({ method: 'read', error, applied: false })
      await world.pass().catch((thrown: unknown) => expect(thrown).toBe(error))
      expect(world.position('east', 'billing', REPLICA)).toBeUndefined()
      await world.pass()
      expect(world.position('east', 'billing', REPLICA)).toBe(53n)
    })
  })
})

describe('MirrorCheckpointTaskTest', () => {
  it('testDownstreamTopicRenaming: a replica takes its prefix, and loses it where it comes from; here with its position', async () => {
    const world = await groupWorld({ bothWays: true })
    world.commit('west', 'billing', ORDERS, 40)
    world.write('east', ORDERS, 10)
    await world.replicate('east-west', ORDERS)
    world.commit('west', 'returning', { topic: 'east.orders', partition: 0 }, 7)
    await world.pass()
    expect(world.position('east', 'billing', REPLICA)).toBe(43n)
    expect(world.position('east', 'returning', ORDERS)).toBe(7n)
  })

  it.each([
    [3, 6],
    [7, 10],
    [99, 102],
    [100, 103],
  ])('testCheckpoint: a checkpoint for each group, at or behind %i; here exactly at %i', async (committed, target) => {
    const world = await groupWorld()
    world.commit('west', 'billing', ORDERS, committed)
    const report = await world.pass()
    expect(report.groups).toMatchObject([
      { group: 'billing', moved: [{ topic: 'orders', targetTopic: 'west.orders', positions: [{ kind: 'exact' }] }] },
    ])
    expect(world.position('east', 'billing', REPLICA)).toBe(BigInt(target))
  })

  it('testSyncOffset: positions only go forward; here the one that would not says so', async () => {
    const world = await groupWorld()
    for (const [group, source, target] of [
      ['behind', 50, 10],
      ['level', 50, 53],
      ['past', 50, 90],
    ] as const) {
      world.commit('west', group, ORDERS, source)
      world.commit('east', group, REPLICA, target)
    }
    expect(await skippedIn(world)).toEqual(['past orders would-lower'])
    const positions = ['behind', 'level', 'past'].map((group) => world.position('east', group, REPLICA))
    expect(positions).toEqual([53n, 53n, 90n])
  })

  it('testSyncOffsetForTargetGroupWithNullOffsetAndMetadata: a group that is there without a position gets one', async () => {
    const world = await groupWorld()
    world.clusters.east.groups.put('billing')
    world.commit('west', 'billing', ORDERS, 50)
    await world.pass()
    expect(world.position('east', 'billing', REPLICA)).toBe(53n)
  })

  it('testNoCheckpointForTopicWithoutOffsetSyncs: none for that topic, one for the others; here with the reason', async () => {
    const world = await groupWorld({ links: { topics: ['orders', 'silent'] } })
    world.commit('west', 'billing', ORDERS, 50)
    world.commit('west', 'billing', { topic: 'silent', partition: 0 }, 8)
    expect(await skippedIn(world)).toEqual(['billing silent unmapped'])
    expect(world.position('east', 'billing', REPLICA)).toBe(53n)
    expect(world.position('east', 'billing', { topic: 'west.silent', partition: 0 })).toBeUndefined()
  })

  it('testNoCheckpointForTopicWithNullOffsetAndMetadata: a position that was never committed is not zero', async () => {
    const world = await groupWorld({ partitions: 2 })
    world.write('west', { topic: 'orders', partition: 1 }, 10)
    await world.replicate('west-east', { topic: 'orders', partition: 1 })
    world.commit('west', 'billing', ORDERS, 50)
    await world.pass()
    expect(world.clusters.east.groups.changes).toEqual(['billing west.orders-0 53'])
  })

  it('testCheckpointRecordsMonotonicIfStoreRewinds: a coarser store lowers no checkpoint; here none gets coarser', async () => {
    const world = await groupWorld({ limits: { openRunsBytes: 12, pageBytes: 20 } })
    const expected = new Map<string, bigint>()
    for (let at = 0; at <= 100; at += 10) {
      world.commit('west', `group ${at}`, ORDERS, at)
      expected.set(`group ${at}`, BigInt(at + 3))
    }
    await world.pass()
    for (let batch = 0; batch < 30; batch++) {
      world.write('west', ORDERS, 1, 'markers')
      world.write('west', ORDERS, 5)
      await world.replicate('west-east', ORDERS)
    }
    expect(world.memory('west-east').map.pages(ORDERS, world.lifeOf(world.link('west-east'), 'orders'))).not.toEqual([])
    expect(await world.pass()).toMatchObject({ positionsMoved: 0, groups: [] })
    for (const [group, target] of expected) expect(world.position('east', group, REPLICA)).toBe(target)
  })

  it('testCheckpointsTaskRestartUsesExistingCheckpoints: none goes back after a restart; here nothing is lost by one', async () => {
    const world = await groupWorld()
    world.commit('west', 'billing', ORDERS, 99)
    await world.pass()
    world.write('west', ORDERS, 100)
    await world.replicate('west-east', ORDERS)
    world.commit('west', 'late', ORDERS, 2)
    await world.pass('west-east', world.depsOf('west-east'))
    expect(world.clusters.east.groups.changes).toEqual(['billing west.orders-0 102', 'late west.orders-0 5'])
  })

  it('testCheckpointStoreInitialized: no checkpoint until the earlier ones were read; here no position is moved either', async () => {
    const world = await groupWorld()
    world.commit('west', 'billing', ORDERS, 50)
    const { groups } = world.memory('west-east')
    groups.broken = new ReplicationError('STATE_UNREACHABLE', 'test')
    await world.pass().catch((thrown: unknown) => expect(thrown).toBe(groups.broken))
    expect(world.position('east', 'billing', REPLICA)).toBeUndefined()
    groups.broken = undefined
    await world.pass()
    expect(world.position('east', 'billing', REPLICA)).toBe(53n)
  })
})
