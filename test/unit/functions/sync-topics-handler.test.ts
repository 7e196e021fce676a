import { beforeEach, describe, expect, it } from 'vitest'
import { createHandler } from '../../../functions/sync-topics/handler.ts'
import type { AwsPlace } from '../../../shared/domain/secret-reference.ts'
import type { PassReport } from '../../../shared/usecases/topics/pass-report.ts'
import { FakeGroupPositions } from '../../fakes/group-positions.ts'
import { FakeLagLedger } from '../../fakes/lag-ledger.ts'
import { FakeLinkState } from '../../fakes/link-state.ts'
import { FakeMappingControl } from '../../fakes/mapping-control.ts'
import { FakeSourceLog } from '../../fakes/source-log.ts'
import { FakeTopicAdmin } from '../../fakes/topic-admin.ts'
import { FakeTopicLedger } from '../../fakes/topic-ledger.ts'
import { plannedLink } from '../../support/model-topic.ts'

const context = {
  awsRequestId: 'request',
  invokedFunctionArn: 'arn:aws-cn:lambda:cn-north-1:111122223333:function:twinshore-west-east-sync-topics',
  getRemainingTimeInMillis: () => 55_000,
}

let source: FakeTopicAdmin
let target: FakeTopicAdmin
let mappings: FakeMappingControl
let ledger: FakeTopicLedger
let state: FakeLinkState
let connected: AwsPlace[]
let told: PassReport[]
let handler: ReturnType<typeof createHandler>

beforeEach(() => {
  source = new FakeTopicAdmin('source')
  target = new FakeTopicAdmin('target')
  for (const side of ['before', 'after']) target.inherited.set(`message.timestamp.${side}.max.ms`, '1')
  target.put('any') // from which the brokers' settings are learnt
  source.put('orders', { partitions: 3, settings: { 'retention.ms': '60000' } })
  mappings = new FakeMappingControl()
  ledger = new FakeTopicLedger()
  state = new FakeLinkState()
  connected = []
  told = []
  handler = createHandler({
    connect: (place) => {
      connected.push(place)
      const link = plannedLink({ patterns: ['^(?:orders.*)$'] })
      const sourceLog = new FakeSourceLog()
      const groups = new FakeGroupPositions()
      const silent = { pages: state, lag: new FakeLagLedger(), alarm: () => undefined, clock: Date }
      return { link, flows: [link], source, target, sourceLog, groups, ledger, state, mappings, ...silent }
    },
    tell: (report) => void told.push(report),
  })
})

const changed = () => ({
  topics: [...source.changes, ...target.changes],
  mappings: mappings.changes,
  remembered: ledger.records.size,
  writes: [...state.calls].filter(([method]) => method !== 'read'),
})

describe('the function that keeps topics in step', () => {
  it('says in a plan what it would do, and changes nothing', async () => {
    const report = await handler({ mode: 'plan' }, context)
    expect(report.steps.map(({ topic, kind, outcome }) => [topic, kind, outcome])).toEqual([
      ['orders', 'create', 'planned'],
      ['orders', 'remember', 'planned'],
      ['orders', 'create-mapping', 'planned'],
    ])
    expect(changed()).toEqual({ topics: [], mappings: [], remembered: 0, writes: [] })
    expect(told).toEqual([])
  })

  it.each([
    ['the schedule', { version: '0', 'detail-type': 'Scheduled Event' }],
    ['somebody with an empty event', undefined],
    ['an operator', { mode: 'apply' }],
  ])('makes a pass when %s invokes it, and tells of it', async (_who, event) => {
    const report = await handler(event, context)
    expect(report.steps.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['create', 'done'],
      ['remember', 'done'],
      ['create-mapping', 'done'],
    ])
    expect(changed()).toMatchObject({
      topics: ['create west.orders'],
      mappings: ['create orders'],
      remembered: 1,
    })
    expect(told).toEqual([report])
    await mappings.settle()
    expect((await handler({ mode: 'plan' }, context)).steps).toEqual([])
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
      source.reachable = false
      await expect(handler({ mode }, context)).rejects.toThrow(/SOURCE_UNREACHABLE/)
      expect([told, changed().topics]).toEqual([[], []])
      source.reachable = true
      await expect(handler({ mode }, context)).resolves.toMatchObject({ faulted: [] })
    },
  )

  it('throws when both ends are the same cluster, in words that an operator can use', async () => {
    target.clusterId = source.clusterId
    await expect(handler({ mode: 'plan' }, context)).rejects.toThrow(
      /SAME_CLUSTER: .*west and east are the same cluster/,
    )
  })

  it('reports a topic that was refused, and does the others', async () => {
    source.put('orders-2')
    target.refuse('create', 'west.orders', 'TOPIC_REFUSED', 'POLICY_VIOLATION')
    const report = await handler(undefined, context)
    expect(report.faulted).toEqual(['orders'])
    expect(report.steps.filter(({ topic }) => topic === 'orders').map(({ outcome }) => outcome)).toEqual([
      'failed',
      'skipped',
      'skipped',
    ])
    expect(report.steps.find(({ outcome }) => outcome === 'failed')?.error).toMatch(/TOPIC_REFUSED: .*POLICY_VIOLATION/)
    expect(changed()).toMatchObject({ topics: ['create west.orders-2'], mappings: ['create orders-2'] })
  })

  it('connects once, to where it runs', async () => {
    await handler({ mode: 'plan' }, context)
    await handler({ mode: 'plan' }, context)
    expect(connected).toEqual([{ partition: 'aws-cn', region: 'cn-north-1', account: '111122223333' }])
  })

  it('keeps time to tell what it did', async () => {
    const late = { ...context, getRemainingTimeInMillis: () => 2_000 }
    await expect(handler(undefined, late)).rejects.toThrow(/UNREACHABLE/)
    await expect(handler(undefined, { ...context, getRemainingTimeInMillis: () => 4_000 })).resolves.toBeDefined()
  })
})
