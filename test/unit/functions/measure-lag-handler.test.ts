import { beforeEach, describe, expect, it } from 'vitest'
import { createHandler } from '../../../functions/measure-lag/handler.ts'
import type { AwsPlace } from '../../../shared/domain/secret-reference.ts'
import { FakeClusterLayout } from '../../fakes/cluster-layout.ts'
import { FakeTopicAdmin } from '../../fakes/topic-admin.ts'
import { LagWorld } from '../../support/lag-world.ts'

const HERE = { topic: 'orders', partition: 0 }
const context = {
  awsRequestId: 'request-1',
  invokedFunctionArn: 'arn:aws-cn:lambda:cn-north-1:111122223333:function:twinshore-west-east-measure-lag',
  getRemainingTimeInMillis: () => 55_000,
}

let lagged: LagWorld
let connected: AwsPlace[]
let handler: ReturnType<typeof createHandler>
let racks: { source: FakeClusterLayout; target: FakeClusterLayout }
let rackNews: string[]

const rackedCluster = (side: 'source' | 'target', minInSync: string) => {
  const topics = new FakeTopicAdmin(side)
  topics.put('orders', { settings: { 'min.insync.replicas': minInSync } })
  racks[side].put('orders', [1, 2, 3])
  return { layout: racks[side], topics }
}

beforeEach(() => {
  lagged = new LagWorld()
  lagged.world.write('west', HERE, 4)
  connected = []
  const { tell, fail, ...connections } = lagged.deps()
  const abc = ['a', 'b', 'c']
  racks = { source: new FakeClusterLayout(abc, 'source'), target: new FakeClusterLayout(abc, 'target') }
  rackNews = []
  const sides = { source: rackedCluster('source', '2'), target: rackedCluster('target', '3') }
  handler = createHandler({
    connect: (place) => {
      connected.push(place)
      return { ...connections, sides }
    },
    racks: {
      tell: (side, { verdict }) => void rackNews.push(`${side} ${verdict}`),
      fail: (side, { code }) => void rackNews.push(`${side} ${code}`),
    },
    limits: {
      thresholds: { lagSeconds: 300, lagRecords: 3, timeToLossMs: 60_000, standstillMs: 300_000 },
      ...{ heartbeats: false, syncTopics: true, syncGroups: true, syncsAccess: false },
    },
    tell,
    fail,
  })
})

describe('the function that measures lag', () => {
  it.each([[undefined], [{ version: '0', 'detail-type': 'Scheduled Event' }], [{ mode: 'measure' }]])(
    'takes samples every ten seconds as long as its time allows when it gets %j',
    async (event) => {
      expect(await handler(event, context)).toEqual({ samples: 6, held: 0, failed: 0 })
      expect(lagged.told).toHaveLength(6)
      expect(lagged.ledger.writes).toBe(6)
    },
  )

  it('answers how the link stands and what that would raise, and writes and tells nothing', async () => {
    const before = { lease: lagged.lease.held, memory: lagged.ledger.memory }
    const answer = await handler({ mode: 'status' }, context)
    expect(answer).toMatchObject({ link: 'west-east', mode: 'forwarding', lag: { records: 4 } })
    expect(answer).toMatchObject({ alarms: ['lag-records', 'not-measured'], limits: { syncTopics: true } })
    expect(answer).toMatchObject({ accounts: { link: { lost: 0 } } })
    expect(answer).not.toHaveProperty('verified')
    expect({ lease: lagged.lease.held, memory: lagged.ledger.memory }).toEqual(before)
    expect([lagged.told, lagged.ledger.writes]).toEqual([[], 0])
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer)
  })

  it('answers with what verification found last', async () => {
    lagged.verified = { at: lagged.world.now, differences: 2 }
    const answer = await handler({ mode: 'status' }, context)
    expect(answer).toMatchObject({ verified: lagged.verified, alarms: ['differences', 'lag-records', 'not-measured'] })
  })

  it('answers also while another run measures, from what that one has seen', async () => {
    await handler(undefined, context)
    await lagged.lease.acquire('another', lagged.world.now, lagged.world.now + 100_000)
    lagged.world.now += 5_000
    expect(await handler({ mode: 'status' }, context)).toMatchObject({ lag: { lagMs: 55_000, atLeast: true } })
  })

  it.each([{ mode: 'destroy' }, { mode: '' }, { mode: null }])('refuses %j, and touches nothing', async (event) => {
    await expect(handler(event, context)).rejects.toThrow(/^EVENT_MALFORMED.*measure, status and racks/)
    expect(connected).toEqual([])
  })

  it('connects once, to where it runs', async () => {
    await handler({ mode: 'status' }, context)
    await handler(undefined, context)
    expect(connected).toEqual([{ partition: 'aws-cn', region: 'cn-north-1', account: '111122223333' }])
  })

  it('looks at the racks of both clusters beside its samples, every five minutes', async () => {
    await handler(undefined, context)
    expect(rackNews).toEqual(['source safe', 'target unsafe'])
    lagged.world.now += 200_000
    await handler(undefined, context)
    expect(rackNews).toHaveLength(2)
    lagged.world.now += 100_000
    await handler(undefined, context)
    expect(rackNews).toHaveLength(4)
  })

  it('measures on when a cluster does not tell its racks, and looks at the other one', async () => {
    racks.source.reachable = false
    expect(await handler(undefined, context)).toEqual({ samples: 6, held: 0, failed: 0 })
    expect(rackNews.sort()).toEqual(['source SOURCE_UNREACHABLE', 'target unsafe'])
  })

  it('does not end before it has told of both', async () => {
    racks.target.answersAfterMs = 100
    await handler(undefined, context)
    expect(rackNews).toEqual(['source safe', 'target unsafe'])
  })

  it('answers what the loss of a rack of one side would mean, and tells nobody else', async () => {
    const answer = await handler({ mode: 'racks', side: 'target' }, context)
    expect(answer).toMatchObject({ verdict: 'unsafe', unsafe: [{ topic: 'orders', racks: ['a', 'b', 'c'] }] })
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer)
    expect(await handler({ mode: 'racks', side: 'source' }, context)).toMatchObject({ verdict: 'safe' })
    expect([rackNews, lagged.told]).toEqual([[], []])
  })

  it.each([{ mode: 'racks' }, { mode: 'racks', side: 'both' }])('refuses %j', async (event) => {
    await expect(handler(event, context)).rejects.toThrow(/^EVENT_MALFORMED.*source and target/)
  })
})
