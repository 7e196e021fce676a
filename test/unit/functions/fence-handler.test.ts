import { describe, expect, it } from 'vitest'
import { createHandler } from '../../../functions/fence/handler.ts'
import { ReplicationError } from '../../../shared/domain/errors.ts'
import type { FailoverFigures } from '../../../shared/domain/failover/failover-watch.ts'
import type { LinkStatus } from '../../../shared/domain/head.ts'
import type { FencingAction } from '../../../shared/usecases/failover/fence-ports.ts'
import type { PendingReport } from '../../../shared/usecases/failover/settle-pending.ts'
import type { DrillLedger } from '../../../shared/usecases/failover/watch-failover.ts'
import { FakeFailoverTable } from '../../fakes/failover-table.ts'
import { FakeLease } from '../../fakes/lease.ts'

const CAUSE = { pair: 'pair', from: 'west', to: 'east', epoch: 4, execution: 'first', startedAt: 1_000 }
const context = {
  awsRequestId: 'request',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:twinshore-west-east-fence',
  getRemainingTimeInMillis: () => 55_000,
}

const world = (
  drills: DrillLedger['drills'] = async (since) => ({ since }),
  status: LinkStatus = { mode: 'stopped', role: 'active', epoch: 4 },
) => {
  const asked: { action: FencingAction; withinMs: number }[] = []
  const told: PendingReport[] = []
  const gauged: FailoverFigures[] = []
  const table = new FakeFailoverTable({ status })
  const done = async () => ({ outcome: 'done' as const, message: 'settled' })
  const gone = async () => Promise.reject(new ReplicationError('SOURCE_UNREACHABLE', 'asking west'))
  const handler = createHandler({
    connect: () => ({
      fencing: {
        ask: async (action, cause, deadline) => {
          expect(cause).toEqual(CAUSE)
          asked.push({ action, withinMs: deadline.at - Date.now() })
          return { outcome: 'done', message: 'it is done', weaker: [] }
        },
      },
      pending: {
        pairName: 'west-east',
        forward: { pair: table, pending: table },
        settlements: { fence: gone, roles: done, tail: done, clients: done, reverse: done },
        lease: new FakeLease(),
        clock: Date,
      },
      watch: {
        pair: table,
        ledger: table,
        questions: table,
        executions: { isRunning: async () => true },
        drills: { drills },
        clock: Date,
      },
    }),
    tell: (report) => void told.push(report),
    gauge: (figures) => void gauged.push(figures),
  })
  return { handler, table, asked, told, gauged }
}

describe('the function of the fence', () => {
  it('does what it is asked, and answers before whoever asks gives up', async () => {
    const { handler, asked, told } = world()
    const answer = await handler({ action: 'prove', cause: CAUSE, withinMs: 7_000 }, context)
    expect(answer).toEqual({ outcome: 'done', message: 'it is done', weaker: [] })
    expect(asked.map(({ action }) => action)).toEqual(['prove'])
    expect(asked[0]?.withinMs).toBeLessThanOrEqual(7_000)
    expect(asked[0]?.withinMs).toBeGreaterThan(6_000)
    expect(told).toEqual([])
  })

  it('never takes longer than it may run', async () => {
    const { handler, asked } = world()
    await handler({ action: 'fence', cause: CAUSE, withinMs: 600_000 }, context)
    expect(asked[0]?.withinMs).toBeLessThanOrEqual(53_000)
  })

  it('settles what waits when the schedule invokes it, and tells of it', async () => {
    const { handler, table, told } = world()
    table.debts = { execution: 'first', epoch: 4, tail: 'export', since: 1_000, owed: ['fence', 'roles'] }
    const report = await handler({ 'detail-type': 'Scheduled Event' }, context)
    expect(told).toEqual([report])
    expect(JSON.parse(JSON.stringify(report))).toMatchObject({
      execution: 'first',
      debts: [
        { debt: 'fence', outcome: 'failed', message: expect.stringContaining('SOURCE_UNREACHABLE') },
        { debt: 'roles', outcome: 'done' },
      ],
    })
    expect(table.debts?.owed).toEqual(['fence'])
  })

  it('tells on the way whether a failover waits for somebody, though nothing can be settled, and the other way round', async () => {
    const { handler, table, gauged } = world()
    const by = 'arn:aws:states:eu-west-1:111122223333:execution:machine:first'
    table.lock = { reserved: 4, holder: { by, purpose: 'failover', phase: 'acting', since: 1_000 } }
    const expiresAt = Date.now() + 60_000
    await table.ask('first', { kind: 'hold', token: 'token', askedAt: 2_000, expiresAt })
    table.debts = { execution: 'first', epoch: 4, tail: 'export', since: 1_000, owed: ['fence'] }
    await handler({}, context)
    expect(gauged).toEqual([{ approvalPending: false, held: true }])

    const blind = world(() => Promise.reject(new ReplicationError('STATE_MALFORMED', 'reading drills')))
    blind.table.debts = { execution: 'first', epoch: 4, tail: 'export', since: 1_000, owed: ['roles'] }
    await expect(blind.handler({}, context)).rejects.toMatchObject({ code: 'STATE_MALFORMED' })
    expect([blind.table.debts, blind.told.length]).toEqual([undefined, 1])
  })

  it('refuses what it does not understand before it connects', async () => {
    const handler = createHandler({
      connect: () => Promise.reject(new Error('connected')) as never,
      tell: () => undefined,
      gauge: () => undefined,
    })
    await expect(handler({ action: 'unfence' }, context)).rejects.toMatchObject({ code: 'EVENT_MALFORMED' })
  })

  it('says how failovers stand to whoever asks, settles nothing and tells nobody else', async () => {
    const never = async (since: number) => ({ since })
    const { handler, table, told, gauged } = world(never, { mode: 'forwarding', role: 'standby', epoch: 3 })
    const standing = { approvalPending: false, held: false, drillAgeDays: 0, fencePending: false }
    expect(await handler({ action: 'status' }, context)).toMatchObject({
      ...standing,
      drillAgeDays: expect.any(Number),
    })
    table.debts = { execution: 'first', epoch: 4, tail: 'export', since: 1, owed: ['fence', 'tail'] }
    expect(await handler({ action: 'status' }, context)).toMatchObject({ fencePending: true })
    expect([told, gauged, table.debts?.owed]).toEqual([[], [], ['fence', 'tail']])
    table.debts = { ...table.debts, owed: ['tail'] }
    expect(await handler({ action: 'status' }, context)).toMatchObject({ fencePending: false })
  })
})
