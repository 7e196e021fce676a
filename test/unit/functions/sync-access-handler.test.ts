import { beforeEach, describe, expect, it } from 'vitest'
import { createHandler } from '../../../functions/sync-access/handler.ts'
import type { AwsPlace } from '../../../shared/domain/secret-reference.ts'
import type { AccessReport } from '../../../shared/usecases/access/access-report.ts'
import { AccessWorld } from '../../support/access-world.ts'
import { acl } from '../../support/acl-bindings.ts'

const context = {
  awsRequestId: 'request',
  invokedFunctionArn: 'arn:aws-cn:lambda:cn-north-1:111122223333:function:twinshore-west-east-sync-access',
  getRemainingTimeInMillis: () => 55_000,
}

let world: AccessWorld
let connected: AwsPlace[]
let told: AccessReport[]
let handler: ReturnType<typeof createHandler>

beforeEach(() => {
  world = new AccessWorld()
  world.source.acls.put(acl('User:app', 'all', 'topic', 'orders'), acl('User:job', 'read', 'group', 'g'))
  connected = []
  told = []
  handler = createHandler({
    connect: (place) => {
      connected.push(place)
      return world.deps
    },
    tell: (report) => void told.push(report),
  })
})

describe('the function that lets rights follow', () => {
  it('says in a plan what it would do, and changes nothing', async () => {
    const report = await handler({ mode: 'plan' }, context)
    expect(report.granted.map(({ outcome }) => outcome)).toEqual(['planned', 'planned', 'planned', 'planned'])
    expect([world.target.acls.texts, world.registry.texts, told]).toEqual([[], [], []])
  })

  it.each([
    ['the schedule', { version: '0', 'detail-type': 'Scheduled Event' }],
    ['somebody with an empty event', undefined],
    ['an operator', { mode: 'apply' }],
  ])('makes a pass when %s invokes it, and tells of it', async (_who, event) => {
    const report = await handler(event, context)
    expect(report.granted.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done', 'done'])
    expect([world.target.acls.texts.length, told]).toEqual([4, [report]])
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
    expect((await handler({ mode: 'plan' }, context)).granted).toEqual([])
  })

  it('grants what was held back without a word to the source, once the target is promoted', async () => {
    await handler({ mode: 'apply' }, context)
    const before = world.target.acls.texts.length
    world.source.acls.put(acl('User:job', 'write', 'topic', 'orders'))
    await handler({ mode: 'apply' }, context)
    world.source.acls.reachable = false
    const waiting = await handler({ mode: 'grant' }, context)
    expect(waiting).toMatchObject({ granted: [], faulted: [], troubles: [] })
    world.promote('active')
    const report = await handler({ mode: 'grant' }, context)
    expect(report.granted.map(({ outcome }) => outcome)).toContain('done')
    expect(world.target.acls.texts.length).toBeGreaterThan(before)
    expect(report.troubles).toEqual([expect.stringContaining('the source was not asked')])
  })

  it.each([[{ mode: 'destroy' }], [{ mode: '' }], [{ mode: null }]])(
    'refuses %j, and touches nothing',
    async (event) => {
      await expect(handler(event, context)).rejects.toThrow(/EVENT_MALFORMED: .*plan and apply/)
      expect(connected).toEqual([])
    },
  )

  it.each(['plan', 'apply'])(
    'throws when a cluster does not answer a %s, and does better the next time',
    async (mode) => {
      world.source.acls.reachable = false
      await expect(handler({ mode }, context)).rejects.toThrow(/SOURCE_UNREACHABLE/)
      expect([told, world.target.acls.changes]).toEqual([[], []])
      world.source.acls.reachable = true
      await expect(handler({ mode }, context)).resolves.toMatchObject({ faulted: [] })
    },
  )

  it('connects once, to where it runs, and keeps time to tell what it did', async () => {
    await handler({ mode: 'plan' }, context)
    await expect(handler(undefined, { ...context, getRemainingTimeInMillis: () => 2_000 })).rejects.toThrow(
      /UNREACHABLE/,
    )
    expect(connected).toEqual([{ partition: 'aws-cn', region: 'cn-north-1', account: '111122223333' }])
  })
})
