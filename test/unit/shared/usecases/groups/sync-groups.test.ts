import { beforeEach, describe, expect, it } from 'vitest'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import { GroupWorld, MINUTE_MS } from '../../../../support/sync-groups-world.ts'

const HERE = { topic: 'orders', partition: 0 }
const THERE = { topic: 'west.orders', partition: 0 }
const DAY_MS = 1_440 * MINUTE_MS

let world: GroupWorld

/** The target's log is three records ahead of the source's, so that no offset is right by chance. */
const worldWith = async (options: ConstructorParameters<typeof GroupWorld>[0] = {}): Promise<GroupWorld> => {
  const made = new GroupWorld({ bothWays: false, ...options })
  made.write('east', THERE, 3)
  made.write('west', HERE, 50)
  made.write('west', HERE, 1, 'markers')
  made.write('west', HERE, 50)
  await made.replicate('west-east', HERE)
  return made
}

beforeEach(async () => {
  world = await worldWith()
})

const skipsOf = async (name?: string) =>
  (await world.pass(name)).groups.flatMap(({ group, skipped }) =>
    skipped.map(({ topic, because, partitions }) => [group, topic, because, partitions]),
  )

describe('a pass over the groups of a link', () => {
  it.each([
    ['behind', 10n, 13n, 'exact', undefined],
    ['before a marker', 50n, 53n, 'exact', undefined],
    ['behind a marker', 51n, 53n, 'exact', undefined],
    ['at the end', 101n, 103n, 'exact', undefined],
    ['past what is replicated', 130n, 103n, 'ahead', '29'],
  ])('moves a group that is %s', async (_where, committed, target, kind, by) => {
    world.commit('west', 'billing', HERE, committed)
    const { groups, ...report } = await world.pass()
    expect(world.position('east', 'billing', THERE)).toBe(target)
    const position = { partition: 0, source: `${committed}`, target: `${target}`, kind, outcome: 'moved' }
    expect(groups).toEqual([
      {
        group: 'billing',
        moved: [
          {
            topic: 'orders',
            targetTopic: 'west.orders',
            positions: [{ ...position, ...(by !== undefined && { by }) }],
          },
        ],
        skipped: [],
      },
    ])
    expect(report).toEqual({
      compared: 1,
      groupsMoved: 1,
      positionsMoved: 1,
      live: 0,
      leftOut: [],
      troubles: [],
      faulted: [],
    })
  })

  it('has nothing to do the next time, and writes nothing', async () => {
    world.commit('west', 'billing', HERE, 10n)
    await world.pass()
    const { remember } = world.memory('west-east').groups.calls
    expect(await world.pass()).toMatchObject({ compared: 1, positionsMoved: 0, groups: [] })
    expect(world.memory('west-east').groups.calls.remember).toBe(remember)
    expect(world.clusters.east.groups.changes).toEqual(['billing west.orders-0 13'])
  })

  it('goes on to the end once the records have come that the group had read before', async () => {
    world.write('west', HERE, 10)
    world.commit('west', 'billing', HERE, 111n)
    await world.pass()
    await world.replicate('west-east', HERE)
    await world.pass()
    expect(world.position('east', 'billing', THERE)).toBe(113n)
  })

  it('carries what the client wrote beside its position, and no epoch of a leader', async () => {
    world.clusters.west.groups.set('billing', 'orders', 0, { offset: 10n, metadata: 'mine', leaderEpoch: 7 })
    await world.pass()
    const stored = world.clusters.east.groups.groups.get('billing')?.offsets.get('west.orders')?.get(0)
    expect(stored).toEqual({ offset: 13n, metadata: 'mine' })
  })

  it('leaves a group alone that is live on the target, and moves it when it has left', async () => {
    world.commit('west', 'billing', HERE, 10n)
    world.clusters.east.groups.join('billing')
    expect(await world.pass()).toMatchObject({ live: 1, positionsMoved: 0 })
    expect(world.position('east', 'billing', THERE)).toBeUndefined()
    world.clusters.east.groups.leave('billing')
    await world.pass()
    expect(world.position('east', 'billing', THERE)).toBe(13n)
  })

  it('asks for no commit where a consumer joins before the last look', async () => {
    world.commit('west', 'billing', HERE, 10n)
    const { groups: ledger } = world.memory('west-east')
    const remember = ledger.remember.bind(ledger)
    ledger.remember = async (...record) => {
      world.clusters.east.groups.join('billing')
      return await remember(...record)
    }
    expect(await world.pass()).toMatchObject({ live: 1, positionsMoved: 0, faulted: [] })
    expect(world.clusters.east.groups.requests.commit).toBe(0)
  })

  it('is stopped by the coordinator where a consumer joins between the last look and the commit', async () => {
    world.commit('west', 'billing', HERE, 10n)
    world.commit('west', 'other', HERE, 20n)
    world.clusters.east.groups.beforeCommit = () => world.clusters.east.groups.join('billing')
    const { groups, live, faulted, positionsMoved } = await world.pass()
    expect(groups[0]?.moved[0]?.positions[0]?.outcome).toBe('live')
    expect([live, faulted, positionsMoved]).toEqual([1, [], 1])
    expect(world.position('east', 'billing', THERE)).toBeUndefined()
    expect(world.position('east', 'other', THERE)).toBe(23n)
  })

  it('leaves a group alone that read on the target since it was looked at, and has left again', async () => {
    world.commit('west', 'billing', HERE, 10n)
    const deps = world.depsOf('west-east')
    const { remember, records } = world.memory('west-east').groups
    const meanwhile = async (...args: Parameters<typeof remember>) => {
      world.commit('east', 'billing', THERE, 90n)
      return await remember.apply(world.memory('west-east').groups, args)
    }
    const groups = { records: records.bind(world.memory('west-east').groups), remember: meanwhile }
    const report = await world.pass('west-east', { ...deps, memory: { ...deps.memory, groups } })
    expect(report.groups[0]?.moved[0]?.positions[0]?.outcome).toBe('superseded')
    expect(world.position('east', 'billing', THERE)).toBe(90n)
  })

  it('does not lower a position by itself', async () => {
    world.commit('west', 'billing', HERE, 20n)
    await world.pass()
    world.commit('west', 'billing', HERE, 10n)
    expect(await skipsOf()).toEqual([['billing', 'orders', 'would-lower', [0]]])
    expect(world.position('east', 'billing', THERE)).toBe(23n)
  })

  it('waits for the transaction that would move a position, on either side', async () => {
    world.commit('west', 'billing', HERE, 20n)
    world.clusters.west.groups.beginTransaction('billing', 'orders', 0)
    expect(await skipsOf()).toEqual([['billing', 'orders', 'unstable', [0]]])
    world.clusters.west.groups.endTransaction('billing', 'orders', 0, 21n)
    world.commit('east', 'billing', THERE, 5n)
    world.clusters.east.groups.beginTransaction('billing', 'west.orders', 0)
    expect(await skipsOf()).toEqual([['billing', 'orders', 'unstable', [0]]])
    world.clusters.east.groups.endTransaction('billing', 'west.orders', 0)
    await world.pass()
    expect(world.position('east', 'billing', THERE)).toBe(24n)
  })

  it('has no answer where there is no map, and says so; other partitions go on', async () => {
    world = await worldWith({ partitions: 2 })
    world.commit('west', 'billing', HERE, 10n)
    world.commit('west', 'billing', { ...HERE, partition: 1 }, 10n)
    expect(await skipsOf()).toEqual([['billing', 'orders', 'unmapped', [1]]])
    expect(world.position('east', 'billing', THERE)).toBe(13n)
  })

  it('takes no map of an earlier life of the topic', async () => {
    world.clusters.west.topics.put('orders')
    world.commit('west', 'billing', HERE, 10n)
    expect(await skipsOf()).toEqual([['billing', 'orders', 'unmapped', [0]]])
    world.clusters.west.logs.clear()
    world.write('west', HERE, 20)
    await world.replicate('west-east', HERE)
    await world.pass()
    expect(world.position('east', 'billing', THERE)).toBe(113n)
  })

  it('takes no map into a replica that lost records', async () => {
    const { map } = world.memory('west-east')
    const head = map.head(HERE)
    if (head !== undefined) await map.advance(HERE, head, { ...head, rewoundTo: 1n })
    world.commit('west', 'billing', HERE, 10n)
    expect(await skipsOf()).toEqual([['billing', 'orders', 'unmapped', [0]]])
  })

  it('never raises a position to where the map begins, since older pages may have expired', async () => {
    world = new GroupWorld({
      bothWays: false,
      limits: { openRunsBytes: 12, pageBytes: 16 },
      mapRetentionMs: 2 * DAY_MS,
    })
    const fill = async (): Promise<void> => {
      for (let batch = 0; batch < 20; batch++) {
        world.write('west', HERE, 10)
        world.write('west', HERE, 1, 'markers')
        await world.replicate('west-east', HERE)
      }
    }
    await fill()
    for (const group of ['billing', 'new']) world.commit('west', group, HERE, 25n)
    world.clusters.east.groups.join('new')
    await world.pass()
    expect(world.position('east', 'billing', THERE)).toBe(23n)
    world.now += 3 * DAY_MS
    await fill()
    world.clusters.east.groups.leave('new')
    expect(await skipsOf()).toEqual([['billing', 'orders', 'before-start', [0]]])
    expect(world.position('east', 'billing', THERE)).toBe(23n)
    expect(world.position('east', 'new', THERE)).toBeGreaterThan(23n)
    world.commit('west', 'billing', HERE, 435n)
    await world.pass()
    expect(world.position('east', 'billing', THERE)).toBe(396n)
  })

  it('says nothing of topics that are not replicated, and something of those the clusters do not show', async () => {
    world.commit('west', 'billing', { topic: 'private', partition: 0 }, 10n)
    world.commit('west', 'billing', HERE, 10n)
    world.clusters.east.topics.topics.delete('west.orders')
    expect(await skipsOf()).toEqual([['billing', 'orders', 'unmapped', [0]]])
    world.clusters.east.topics.put('west.orders')
    world.clusters.west.topics.topics.delete('orders')
    expect(await skipsOf()).toEqual([['billing', 'orders', 'unmapped', [0]]])
  })

  it('leaves out what is no group of the applications, with the reason', async () => {
    const names = ['twinshore.west-east.orders', 'twinshore-commits.x', '__internal', 'console-consumer-1', 'shared']
    for (const name of [...names, 'billing']) world.commit('west', name, HERE, 10n)
    world.clusters.west.groups.put('shared', { kind: 'share' })
    const { leftOut, compared } = await world.pass()
    expect(leftOut.map(({ group, because }) => [group, because])).toEqual([
      [names[0], 'twinshore'],
      [names[1], 'twinshore'],
      [names[2], 'internal'],
      [names[3], 'console'],
      [names[4], 'share'],
    ])
    expect(compared).toBe(1)
  })

  it('goes on without a group that may not be read or moved, and faults it', async () => {
    for (const name of ['a', 'b', 'c', 'd']) world.commit('west', name, HERE, 10n)
    world.clusters.west.groups.refuse('read', 'a', 'GROUP_DENIED')
    world.clusters.east.groups.refuse('read', 'b', 'GROUP_DENIED')
    world.clusters.east.groups.refuse('commit', 'c', 'GROUP_DENIED')
    const report = await world.pass()
    expect(report.faulted).toEqual(['a', 'b', 'c'])
    expect(report.groups.map(({ error, moved, skipped }) => JSON.stringify([error, moved, skipped]))).toEqual([
      expect.stringContaining('GROUP_DENIED'),
      expect.stringContaining('GROUP_DENIED'),
      expect.stringContaining('GROUP_DENIED'),
      expect.not.stringContaining('GROUP_DENIED'),
    ])
    expect(world.position('east', 'd', THERE)).toBe(13n)
  })

  it('faults a group whose ledger cannot be written, and commits nothing of it', async () => {
    world.commit('west', 'billing', HERE, 10n)
    const deps = world.depsOf('west-east')
    const denied = new ReplicationError('STATE_DENIED', 'remembering')
    const groups = { records: async () => new Map(), remember: () => Promise.reject(denied) }
    const report = await world.pass('west-east', { ...deps, memory: { ...deps.memory, groups } })
    expect(report).toMatchObject({ faulted: ['billing'], positionsMoved: 0 })
    expect(world.clusters.east.groups.changes).toEqual([])
  })

  it('commits nothing where another pass has written the ledger meanwhile', async () => {
    world.commit('west', 'billing', HERE, 10n)
    const deps = world.depsOf('west-east')
    const groups = { records: async () => new Map(), remember: async () => 'moved' as const }
    const report = await world.pass('west-east', { ...deps, memory: { ...deps.memory, groups } })
    expect(report.groups[0]?.moved[0]?.positions[0]?.outcome).toBe('superseded')
    expect([report.faulted, world.clusters.east.groups.changes]).toEqual([[], []])
  })

  it('asks the target nothing of groups that are live there', async () => {
    world.commit('west', 'billing', HERE, 10n)
    world.clusters.east.groups.join('billing')
    await world.pass()
    expect(world.clusters.east.groups.requests).toEqual({ list: 1, read: 0, commit: 0 })
  })

  it('tells of brokers that did not answer', async () => {
    world.clusters.west.groups.troubles.push(
      new ReplicationError('SOURCE_UNREACHABLE', 'listing the groups of a broker'),
    )
    expect((await world.pass()).troubles).toEqual([expect.stringContaining('SOURCE_UNREACHABLE')])
  })

  it('refuses to work where both ends are one cluster', async () => {
    world.clusters.east.topics.clusterId = world.clusters.west.topics.clusterId
    await expect(world.pass()).rejects.toThrow(/SAME_CLUSTER/)
  })

  it.each(['source', 'target'] as const)(
    'refuses to work where the %s is another cluster than was meant',
    async (side) => {
      world.commit('west', 'billing', HERE, 10n)
      const deps = world.depsOf('west-east')
      const link = { ...deps.link, [side]: { ...deps.link[side], clusterId: 'the-one-that-is-meant' } }
      await expect(world.pass('west-east', { ...deps, link })).rejects.toThrow(/SAME_CLUSTER.*the-one-that-is-meant/)
      expect(world.clusters.east.groups.changes).toEqual([])
    },
  )

  it('does not move a group whose name the table cannot take', async () => {
    world.commit('west', 'g'.repeat(1_012), HERE, 10n)
    world.commit('west', 'h'.repeat(1_013), HERE, 10n)
    expect((await skipsOf()).map(([group, , because]) => [group?.[0], because])).toEqual([['h', 'unnamed']])
  })

  it('writes what it remembers again twice a day, so that it does not expire where maps are kept for a day only', async () => {
    world.commit('west', 'billing', HERE, 10n)
    await world.pass()
    const { groups } = world.memory('west-east')
    const first = groups.stored.get('west.orders#billing')
    world.now += DAY_MS / 2 - 2 * MINUTE_MS
    await world.pass()
    expect(groups.stored.get('west.orders#billing')).toEqual(first)
    await world.pass()
    expect(groups.stored.get('west.orders#billing')).toEqual({ ...first, at: world.now })
    expect(world.clusters.east.groups.changes).toHaveLength(1)
  })

  it('moves nobody past the end of a replica that was made again, before an append has shown it', async () => {
    world.commit('west', 'behind', HERE, 10n)
    world.commit('west', 'at-the-end', HERE, 101n)
    const log = world.log('east', THERE)
    log.splice(0, log.length - 20)
    expect(await skipsOf()).toEqual([['at-the-end', 'orders', 'unmapped', [0]]])
    expect(world.position('east', 'at-the-end', THERE)).toBeUndefined()
    world.write('east', THERE, 83)
    expect(await skipsOf()).toEqual([])
  })
})

describe('a link that follows rewinds', () => {
  beforeEach(async () => {
    world = await worldWith({ links: { followRewinds: true } })
    world.commit('west', 'billing', HERE, 80n)
    await world.pass()
  })

  it('sets a group back that was set back on the source', async () => {
    world.commit('west', 'billing', HERE, 10n)
    const { groups } = await world.pass()
    expect(groups[0]?.moved[0]?.positions[0]).toMatchObject({
      rewound: true,
      was: '82',
      target: '13',
      outcome: 'moved',
    })
    expect(world.position('east', 'billing', THERE)).toBe(13n)
    expect(await world.pass()).toMatchObject({ positionsMoved: 0 })
  })

  it('does not lower what the source group has not gone back from', async () => {
    world.commit('east', 'billing', THERE, 95n)
    expect(await skipsOf()).toEqual([['billing', 'orders', 'would-lower', [0]]])
  })

  it('never sets a live group back, and does so when it has left', async () => {
    world.commit('west', 'billing', HERE, 10n)
    world.clusters.east.groups.join('billing')
    await world.pass()
    expect(world.position('east', 'billing', THERE)).toBe(82n)
    world.clusters.east.groups.leave('billing')
    await world.pass()
    expect(world.position('east', 'billing', THERE)).toBe(13n)
  })

  it('owes a rewind that was refused, also when the group has read on a little on the source', async () => {
    world.commit('west', 'billing', HERE, 10n)
    world.clusters.east.groups.refuse('commit', 'billing', 'TARGET_UNREACHABLE')
    await world.pass()
    world.clusters.east.groups.accept('commit', 'billing')
    world.commit('west', 'billing', HERE, 12n)
    await world.pass()
    expect(world.position('east', 'billing', THERE)).toBe(15n)
  })

  it('owes nothing any more when somebody else has moved the target', async () => {
    world.commit('west', 'billing', HERE, 10n)
    world.clusters.east.groups.refuse('commit', 'billing', 'TARGET_UNREACHABLE')
    await world.pass()
    world.clusters.east.groups.accept('commit', 'billing')
    world.commit('east', 'billing', THERE, 90n)
    await world.pass()
    world.commit('east', 'billing', THERE, 82n)
    expect(await skipsOf()).toEqual([['billing', 'orders', 'would-lower', [0]]])
  })

  it('owes nothing any more when it has been done', async () => {
    world.commit('west', 'billing', HERE, 10n)
    await world.pass()
    await world.pass()
    world.commit('east', 'billing', THERE, 82n)
    expect(await skipsOf()).toEqual([['billing', 'orders', 'would-lower', [0]]])
  })

  it('takes a new life of the topic for no rewind', async () => {
    world.commit('east', 'billing', THERE, 200n)
    world.clusters.west.topics.put('orders')
    world.clusters.west.logs.clear()
    world.write('west', HERE, 20)
    await world.replicate('west-east', HERE)
    world.commit('west', 'billing', HERE, 5n)
    expect(await skipsOf()).toEqual([['billing', 'orders', 'would-lower', [0]]])
  })
})

describe('a link that a failover has stopped', () => {
  const stop = () => {
    world.memory('west-east').map.status = { mode: 'stopped', role: 'active', epoch: 1 }
  }

  it('moves nobody, wherever a failover has put them, and asks no cluster that may be gone', async () => {
    world.commit('west', 'billing', HERE, 90n)
    stop()
    world.clusters.west.groups.reachable = false
    expect(await world.pass()).toMatchObject({ compared: 0, positionsMoved: 0, faulted: [], troubles: [] })
    expect(world.position('east', 'billing', THERE)).toBeUndefined()
  })

  it('moves nobody who was looked at before', async () => {
    world.commit('west', 'billing', HERE, 90n)
    const { committed } = world.clusters.east.groups
    world.clusters.east.groups.committed = async (...args) => {
      stop()
      return await committed.apply(world.clusters.east.groups, args)
    }
    expect(await world.pass()).toMatchObject({ compared: 0, positionsMoved: 0 })
    expect(world.position('east', 'billing', THERE)).toBeUndefined()
  })

  it.each(['draining', 'stopped'] as const)('moves groups while it is %s and its target is standby', async (mode) => {
    world.commit('west', 'billing', HERE, 90n)
    world.memory('west-east').map.status = { mode, role: 'standby', epoch: 1 }
    expect(await world.pass()).toMatchObject({ positionsMoved: 1 })
  })
})
