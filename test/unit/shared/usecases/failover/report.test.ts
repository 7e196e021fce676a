import { beforeEach, describe, expect, it } from 'vitest'
import { topology } from '../../../../../infra/topologies/self-managed-pair.ts'
import { ReplicationError } from '../../../../../shared/domain/errors.ts'
import type { TopicBoundary } from '../../../../../shared/domain/failover/boundary.ts'
import { failoverOrder } from '../../../../../shared/domain/failover/failover-order.ts'
import { recordName } from '../../../../../shared/domain/failover/failover-step.ts'
import type { FailoverReport } from '../../../../../shared/domain/failover/report.ts'
import { groupRecordName } from '../../../../../shared/domain/groups/group-record.ts'
import type { StepContext } from '../../../../../shared/usecases/failover/failover-ports.ts'
import { type ReportDeps, report } from '../../../../../shared/usecases/failover/report.ts'
import type { ReportDocuments } from '../../../../../shared/usecases/failover/report-ports.ts'
import { FakeGroupLedger } from '../../../../fakes/group-ledger.ts'
import { STARTED_AT, storyInput, storyRecords } from '../../../../support/failover-story.ts'
import { inTime } from '../../../../support/in-time.ts'

const [link] = topology.links
const kept = new Map<string, ReportDocuments>()
let groups: FakeGroupLedger
let topics: () => readonly TopicBoundary[]

beforeEach(() => {
  kept.clear()
  groups = new FakeGroupLedger()
  topics = () =>
    ['payments', 'orders'].map((topic) => ({ topic, targetTopic: topic, targetIncarnation: 'x', points: new Map() }))
})

const deps = (): ReportDeps => {
  if (link === undefined) throw new Error('the topology has a link')
  return {
    order: failoverOrder(link, topology),
    ledger: { steps: async () => new Map(storyRecords.map((record) => [recordName(record), record])) },
    forward: { boundary: { topics: async () => topics() }, groups },
    reports: {
      keep: async (execution, documents) => {
        kept.set(execution, documents)
        return { json: `s3://b/${execution}.json`, page: `s3://b/${execution}.html` }
      },
    },
  }
}

const context = (call: Partial<StepContext['call']> = {}): StepContext => ({
  execution: {
    name: 'one',
    arn: 'arn:aws:states:eu-west-1:1:execution:m:one',
    startedAt: STARTED_AT,
    input: storyInput,
  },
  effects: true,
  call: { step: 'report', attempt: 1, ending: 'done', ...call },
  before: new Map(),
})

const written = (): FailoverReport => JSON.parse(kept.get('one')?.json ?? 'none')

describe('the report of a failover', () => {
  it('is kept as JSON and as a page, and the machine is told where', async () => {
    const result = await report(context(), inTime(), deps())
    expect(result).toMatchObject({
      outcome: 'done',
      data: { report: 's3://b/one.json' },
      facts: { ending: 'done', totalMs: 630_000, rtoMs: 625_000, page: 's3://b/one.html' },
    })
    expect(written()).toMatchObject({
      pair: topology.pairs[0]?.name,
      from: { cluster: 'ohio' },
      to: { cluster: 'dublin' },
    })
    expect(kept.get('one')?.page).toContain('from ohio to dublin')
  })

  it('is the same when it is written again', async () => {
    await report(context(), inTime(), deps())
    const first = kept.get('one')
    await report(context(), inTime(), deps())
    expect(kept.get('one')).toEqual(first)
  })

  it('names every topic of the boundary, and where each group went on', async () => {
    const published = { origin: { topic: 'orders', incarnation: 'i' }, source: 12n, target: 9n, earlier: [] }
    groups.stored.set(groupRecordName('orders', 'bill#ing'), { at: 1, positions: new Map([[3, published]]) })
    await report(context(), inTime(), deps())
    expect(written().loss.topics.map(({ topic }) => topic)).toEqual(['orders', 'payments'])
    expect(written().groups.places).toEqual([
      { group: 'bill#ing', topic: 'orders', partition: 3, before: '12', after: '9' },
    ])
  })

  it('tells who decided, and what it stopped at', async () => {
    const stoppedAt = { step: 'verify', message: 'no' } as const
    const decisions = [{ do: 'end', by: 'anna', at: 5 }] as const
    await report(context({ ending: 'held', stoppedAt, decisions }), inTime(), deps())
    expect(written()).toMatchObject({ ending: 'held', stoppedAt, decisions })
  })

  it('says what could not be read, rather than to fail for it', async () => {
    groups.broken = new ReplicationError('STATE_UNREACHABLE', 'reading groups')
    topics = () => {
      throw new ReplicationError('STATE_THROTTLED', 'reading the boundary')
    }
    expect(await report(context(), inTime(), deps())).toMatchObject({ outcome: 'done' })
    expect(written().troubles).toEqual([
      expect.stringContaining('reading the boundary'),
      expect.stringContaining('reading groups'),
    ])
    expect(kept.get('one')?.page).toContain('reading groups')
  })

  it('fails when nobody can keep it, and when something is wrong with us', async () => {
    const out = new ReplicationError('REPORT_UNREACHABLE', 'keeping it')
    await expect(report(context(), inTime(), { ...deps(), reports: { keep: () => Promise.reject(out) } })).rejects.toBe(
      out,
    )
    groups.broken = new TypeError('a fault')
    await expect(report(context(), inTime(), deps())).rejects.toThrow('a fault')
  })
})
