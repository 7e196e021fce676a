import { describe, expect, it } from 'vitest'
import { createHandler, type HandlerDeps } from '../../../functions/heartbeat/handler.ts'
import { HEARTBEAT_TOPIC } from '../../../shared/domain/heartbeat/beat.ts'
import type { BeatReport } from '../../../shared/usecases/heartbeat/beat.ts'
import { FakeHeartbeatLedger } from '../../fakes/heartbeat-ledger.ts'
import { FakeLease } from '../../fakes/lease.ts'
import { FakeLinkState } from '../../fakes/link-state.ts'
import { FakeTargetLog } from '../../fakes/target-log.ts'
import { FakeTopicAdmin } from '../../fakes/topic-admin.ts'
import { inTime } from '../../support/in-time.ts'

const CONTEXT = {
  awsRequestId: 'request',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:mine-west-east-heartbeat',
  getRemainingTimeInMillis: () => 62_000,
}

describe('the function that beats', () => {
  it('beats until shortly before its next invocation, and tells what it did', async () => {
    const started = Date.now()
    let now = started
    const told: BeatReport[] = []
    const owners: string[] = []
    const [log, lease] = [new FakeTargetLog(), new FakeLease()]
    log.createTopic(HEARTBEAT_TOPIC, 1)
    const acquire = lease.acquire.bind(lease)
    lease.acquire = async (owner, ...rest) => {
      owners.push(owner)
      return await acquire(owner, ...rest)
    }
    const deps: HandlerDeps = {
      connect: ({ region }) => ({
        link: { name: region, source: { name: 'west' } },
        log,
        topics: new FakeTopicAdmin('source'),
        state: new FakeLinkState(),
        ledger: new FakeHeartbeatLedger(),
        lease,
        clock: { now: () => now },
        rest: async (ms) => {
          now += ms
          return true
        },
        within: () => ({ ...inTime(), end: () => undefined }),
      }),
      tell: (report) => void told.push(report),
      fail: () => undefined,
      newOwner: () => 'this one',
    }
    const report = await createHandler(deps)({}, CONTEXT)
    expect(now - started).toBeGreaterThan(58_000)
    expect(now - started).toBeLessThan(60_000)
    expect(report.sent).toBeGreaterThanOrEqual(59)
    expect(told).toEqual([report])
    expect(new Set(owners)).toEqual(new Set(['this one']))
    const [first] = log.records(HEARTBEAT_TOPIC, 0)
    expect(Buffer.from(first?.key ?? '', 'base64').toString()).toBe('eu-west-1')
  })
})
