import { beforeEach, describe, expect, it } from 'vitest'
import { createHandler } from '../../../functions/sync-groups/handler.ts'
import type { AwsPlace } from '../../../shared/domain/secret-reference.ts'
import type { GroupPassReport } from '../../../shared/usecases/groups/group-report.ts'
import { GroupWorld } from '../../support/sync-groups-world.ts'

const context = {
  awsRequestId: 'request',
  invokedFunctionArn: 'arn:aws-cn:lambda:cn-north-1:111122223333:function:twinshore-west-east-sync-groups',
  getRemainingTimeInMillis: () => 55_000,
}
const HERE = { topic: 'orders', partition: 0 }
const THERE = { topic: 'west.orders', partition: 0 }

let world: GroupWorld
let connected: AwsPlace[]
let told: GroupPassReport[]
let handler: ReturnType<typeof createHandler>

beforeEach(async () => {
  world = new GroupWorld()
  world.write('west', HERE, 10)
  await world.replicate('west-east', HERE)
  world.commit('west', 'billing', HERE, 5n)
  connected = []
  told = []
  handler = createHandler({
    connect: (place) => {
      connected.push(place)
      return world.depsOf('west-east')
    },
    tell: (report) => void told.push(report),
  })
})

const changed = () => ({
  commits: world.clusters.east.groups.changes,
  remembered: world.memory('west-east').groups.stored.size,
})

describe('the function that moves consumer groups', () => {
  it('says in a plan what it would do, and changes nothing', async () => {
    const report = await handler({ mode: 'plan' }, context)
    expect(report).toMatchObject({ compared: 1, groupsMoved: 1, positionsMoved: 1 })
    expect(JSON.stringify(report)).toContain('"outcome":"planned"')
    expect([changed(), told]).toEqual([{ commits: [], remembered: 0 }, []])
  })

  it.each([
    ['the schedule', { version: '0', 'detail-type': 'Scheduled Event' }],
    ['somebody with an empty event', undefined],
    ['an operator', { mode: 'apply' }],
  ])('makes a pass when %s invokes it, and tells of it', async (_who, event) => {
    const report = await handler(event, context)
    expect(changed()).toEqual({ commits: ['billing west.orders-0 5'], remembered: 1 })
    expect(told).toEqual([report])
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  it('says where one group leads, and changes nothing', async () => {
    const translation = await handler({ mode: 'translate', group: 'billing' }, context)
    expect(translation).toMatchObject({ group: 'billing', partitions: [{ target: '5', kind: 'exact' }] })
    expect([changed(), told]).toEqual([{ commits: [], remembered: 0 }, []])
  })

  it.each([
    [{ mode: 'destroy' }, /plan, apply and translate/],
    [{ mode: '' }, /plan, apply and translate/],
    [{ mode: null }, /plan, apply and translate/],
    [{ mode: 'translate' }, /names no group/],
    [{ mode: 'translate', group: '' }, /names no group/],
    [{ mode: 'translate', group: 7 }, /names no group/],
  ])('refuses %j, and touches nothing', async (event, why) => {
    await expect(handler(event, context)).rejects.toThrow(why)
    await expect(handler(event, context)).rejects.toThrow(/^EVENT_MALFORMED/)
    expect(connected).toEqual([])
  })

  it.each([{ mode: 'plan' }, { mode: 'apply' }, { mode: 'translate', group: 'billing' }])(
    'throws when a cluster does not answer %j, and does better the next time',
    async (event) => {
      world.clusters.west.groups.reachable = false
      await expect(handler(event, context)).rejects.toThrow(/SOURCE_UNREACHABLE/)
      expect(told).toEqual([])
      world.clusters.west.groups.reachable = true
      await expect(handler(event, context)).resolves.toBeDefined()
    },
  )

  it('connects once, to where it runs', async () => {
    await handler({ mode: 'plan' }, context)
    await handler({ mode: 'plan' }, context)
    expect(connected).toEqual([{ partition: 'aws-cn', region: 'cn-north-1', account: '111122223333' }])
  })

  it('keeps time to tell what it did', async () => {
    const late = { ...context, getRemainingTimeInMillis: () => 2_000 }
    await expect(handler(undefined, late)).rejects.toThrow(/UNREACHABLE/)
    await expect(handler(undefined, { ...context, getRemainingTimeInMillis: () => 4_000 })).resolves.toBeDefined()
    expect(world.position('east', 'billing', THERE)).toBe(5n)
  })
})
