import { beforeEach, describe, expect, it } from 'vitest'
import type { TranslatedPartition } from '../../../../../shared/usecases/groups/group-report.ts'
import { translateGroup } from '../../../../../shared/usecases/groups/translate-group.ts'
import { inTime } from '../../../../support/in-time.ts'
import { GroupWorld } from '../../../../support/sync-groups-world.ts'

const ORDERS = { topic: 'orders', partition: 0 }
const IN_EAST = { topic: 'west.orders', partition: 0 }
const IN_WEST = { topic: 'east.orders', partition: 0 }

let world: GroupWorld

/** Pages of few runs; every third offset of the source is a marker, and the target has records of nobody between. */
beforeEach(async () => {
  world = new GroupWorld({ limits: { openRunsBytes: 12, pageBytes: 16 } })
  for (let batch = 0; batch < 30; batch++) {
    world.write('west', ORDERS, 2)
    world.write('west', ORDERS, 1, 'markers')
    if (batch % 10 === 0) world.write('east', IN_EAST, 4)
    await world.replicate('west-east', ORDERS)
  }
  world.write('east', ORDERS, 20)
  await world.replicate('east-west', ORDERS)
})

const translate = (name = 'west-east') => translateGroup('billing', inTime(), world.depsOf(name))

const only = async (): Promise<TranslatedPartition | undefined> => (await translate()).partitions[0]

describe('the translation of one group', () => {
  it('says where each position leads, what stands there, and what would be read again', async () => {
    world.commit('west', 'billing', ORDERS, 60n)
    await world.pass()
    world.commit('west', 'billing', ORDERS, 75n)
    expect(await translate()).toEqual({
      group: 'billing',
      onSource: 'empty',
      onTarget: 'empty',
      partitions: [
        {
          topic: 'orders',
          partition: 0,
          source: '75',
          targetTopic: 'west.orders',
          target: '62',
          kind: 'exact',
          committed: '52',
          readAgain: { atTarget: '0', atCommitted: '10' },
        },
      ],
      troubles: [],
    })
  })

  it.each([
    [4n, '60'],
    [8n, '56'],
    [14n, '50'],
    [24n, '40'],
    [27n, '40'],
    [30n, '38'],
    [52n, '20'],
  ])('counts what lies between %i on the target and the group, without records of nobody', async (stands, counted) => {
    world.commit('west', 'billing', ORDERS, 90n)
    world.commit('east', 'billing', IN_EAST, stands)
    expect((await only())?.readAgain).toEqual({ atTarget: '0', atCommitted: counted })
  })

  it('says nothing of reading again where nothing stands on the target, and that a target that is past re-reads nothing', async () => {
    world.commit('west', 'billing', ORDERS, 30n)
    expect((await only())?.readAgain).toEqual({ atTarget: '0' })
    world.commit('east', 'billing', IN_EAST, 70n)
    expect((await only())?.readAgain).toEqual({ atTarget: '0', atCommitted: '0' })
  })

  it('counts on the way back as well', async () => {
    world.commit('west', 'billing', IN_WEST, 15n)
    world.commit('east', 'billing', ORDERS, 3n)
    expect(await only()).toMatchObject({ targetTopic: 'orders', target: '15', readAgain: { atCommitted: '12' } })
  })

  it('tells of groups that the link would not move', async () => {
    world.commit('west', 'billing', ORDERS, 30n)
    world.clusters.west.groups.join('billing')
    world.clusters.east.groups.join('billing')
    world.commit('east', 'billing', IN_EAST, 30n)
    const deps = world.depsOf('west-east')
    const link = { ...deps.link, excludeGroups: ['^billing$'] }
    expect(await translateGroup('billing', inTime(), { ...deps, link })).toMatchObject({
      onSource: 'live',
      onTarget: 'live',
      leftOut: { because: 'excluded' },
      partitions: [{ kind: 'exact', source: '30', committed: '30' }],
    })
  })

  it('tells of what leads nowhere, and why', async () => {
    world.commit('west', 'billing', ORDERS, 30n)
    world.clusters.west.groups.beginTransaction('billing', 'orders', 0)
    expect(await only()).toMatchObject({ kind: 'unstable', targetTopic: 'west.orders', detail: expect.any(String) })
    world.clusters.west.groups.endTransaction('billing', 'orders', 0)
    world.clusters.west.topics.put('orders')
    expect(await only()).toMatchObject({
      kind: 'unmapped',
      source: '30',
      detail: expect.stringContaining('another life'),
    })
    world.clusters.east.topics.topics.delete('west.orders')
    expect(await only()).toMatchObject({ kind: 'unmapped', topic: 'orders' })
  })

  it('tells of an echo where it would lead', async () => {
    world.commit('east', 'billing', IN_EAST, 40n)
    await world.pass('east-west')
    expect(await only()).toMatchObject({ kind: 'echo', target: '40', committed: '40' })
  })

  it('knows nothing of a group that is on neither cluster', async () => {
    expect(await translate()).toEqual({
      group: 'billing',
      onSource: 'absent',
      onTarget: 'absent',
      partitions: [],
      troubles: [],
    })
  })

  it('tells of a group that may not be read', async () => {
    world.commit('west', 'billing', ORDERS, 30n)
    world.clusters.west.groups.refuse('read', 'billing', 'GROUP_DENIED')
    expect((await translate()).troubles).toEqual([expect.stringContaining('GROUP_DENIED')])
  })
})
