import { describe, expect, it } from 'vitest'
import { GroupWorld } from '../../../../support/sync-groups-world.ts'

const GROUPS = 500
const PARTITIONS = 20

/** Every group stands somewhere else, most of them in sealed pages. */
const startWorld = async (groups: number): Promise<GroupWorld> => {
  const world = new GroupWorld({
    bothWays: false,
    partitions: PARTITIONS,
    limits: { openRunsBytes: 60, pageBytes: 600 },
  })
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const id = { topic: 'orders', partition }
    for (let batch = 0; batch < 60; batch++) {
      world.write('west', id, 10)
      world.write('west', id, 1, 'markers')
      await world.replicate('west-east', id)
    }
    for (let at = 0; at < groups; at++) world.commit('west', `group-${at}`, id, (at * 7) % 660)
  }
  return world
}

const requestsOf = (world: GroupWorld) => {
  const { map, groups } = world.memory('west-east')
  const { west, east } = world.clusters
  return {
    heads: map.calls.get('read') ?? 0,
    pages: (map.calls.get('pageAtSource') ?? 0) + (map.calls.get('oldestPage') ?? 0),
    ledger: { ...groups.calls },
    source: { ...west.groups.requests },
    target: { ...east.groups.requests },
  }
}

/** Before the first pass: what the world itself took. */
const passCounted = async (world: GroupWorld) => {
  world.memory('west-east').map.calls.clear()
  world.memory('west-east').groups.calls.remember = 0
  world.memory('west-east').groups.calls.records = 0
  for (const { groups } of Object.values(world.clusters))
    Object.assign(groups.requests, { list: 0, read: 0, commit: 0 })
  const { positionsMoved } = await world.pass()
  return { positionsMoved, ...requestsOf(world) }
}

describe('a pass over 500 groups of 20 partitions', () => {
  it('reads a head once a partition and a page once, whatever the number of groups', async () => {
    const world = await startWorld(GROUPS)
    const pages = Array.from({ length: PARTITIONS }, (_, partition) => {
      const id = { topic: 'orders', partition }
      return world.memory('west-east').map.pages(id, world.lifeOf(world.link('west-east'), 'orders')).length
    }).reduce((total, count) => total + count)
    const { positionsMoved, ...requests } = await passCounted(world)
    expect(positionsMoved).toBe(GROUPS * PARTITIONS)
    expect(requests).toEqual({
      heads: 1 + 2, // and the status of the link, before and after
      pages,
      ledger: { records: 1, remember: GROUPS },
      source: { list: 1, read: 10, commit: 0 },
      target: { list: 1 + 5, read: 10 + 5 * 2, commit: GROUPS },
    })
    expect(pages).toBeGreaterThan(PARTITIONS)
  })

  it('writes nothing and commits nothing the next time', async () => {
    const world = await startWorld(50)
    await world.pass()
    const { ledger, target } = await passCounted(world)
    expect([ledger, target]).toEqual([
      { records: 1, remember: 0 },
      { list: 1, read: 1, commit: 0 },
    ])
  })

  it('asks once where there are no pages any more, however many groups stand there', async () => {
    const world = new GroupWorld({ bothWays: false, limits: { openRunsBytes: 60, pageBytes: 600 } })
    const id = { topic: 'orders', partition: 0 }
    world.write('west', id, 1_000, 'markers')
    for (let batch = 0; batch < 60; batch++) {
      world.write('west', id, 10)
      world.write('west', id, 1, 'markers')
      await world.replicate('west-east', id)
    }
    for (let at = 0; at < GROUPS; at++) world.commit('west', `group-${at}`, id, at)
    const { positionsMoved, pages } = await passCounted(world)
    expect([positionsMoved, pages]).toEqual([GROUPS, 2])
    expect(world.position('east', 'group-7', { topic: 'west.orders', partition: 0 })).toBe(0n)
  })
})
