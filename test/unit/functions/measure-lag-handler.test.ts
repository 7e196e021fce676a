import { beforeEach, describe, expect, it } from 'vitest'
import { createHandler } from '../../../functions/measure-lag/handler.ts'
import type { AwsPlace } from '../../../shared/domain/secret-reference.ts'
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

beforeEach(() => {
  lagged = new LagWorld()
  lagged.world.write('west', HERE, 4)
  connected = []
  const { tell, fail, ...connections } = lagged.deps()
  handler = createHandler({
    connect: (place) => {
      connected.push(place)
      return connections
    },
    thresholds: { lagSeconds: 300, lagRecords: 3, timeToLossMs: 60_000 },
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
    expect(answer).toMatchObject({ alarms: ['lag-records', 'not-measured'] })
    expect({ lease: lagged.lease.held, memory: lagged.ledger.memory }).toEqual(before)
    expect([lagged.told, lagged.ledger.writes]).toEqual([[], 0])
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer)
  })

  it('answers also while another run measures, from what that one has seen', async () => {
    await handler(undefined, context)
    await lagged.lease.acquire('another', lagged.world.now, lagged.world.now + 100_000)
    lagged.world.now += 5_000
    expect(await handler({ mode: 'status' }, context)).toMatchObject({ lag: { lagMs: 55_000, atLeast: true } })
  })

  it.each([{ mode: 'destroy' }, { mode: '' }, { mode: null }])('refuses %j, and touches nothing', async (event) => {
    await expect(handler(event, context)).rejects.toThrow(/^EVENT_MALFORMED.*measure and status/)
    expect(connected).toEqual([])
  })

  it('connects once, to where it runs', async () => {
    await handler({ mode: 'status' }, context)
    await handler(undefined, context)
    expect(connected).toEqual([{ partition: 'aws-cn', region: 'cn-north-1', account: '111122223333' }])
  })
})
