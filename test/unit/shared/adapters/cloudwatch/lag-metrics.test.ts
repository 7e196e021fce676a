import { describe, expect, it } from 'vitest'
import { createLagTeller } from '../../../../../shared/adapters/cloudwatch/lag-metrics.ts'
import type { LagReport } from '../../../../../shared/domain/lag/lag-report.ts'
import { LAG_METRICS } from '../../../../../shared/domain/metrics.ts'
import { emittedLines, OF_LINK } from '../../../../support/emitted-lines.ts'

const AT = 1_700_000_000_000
const LAG = { records: 7, lagMs: 12_500, gone: 0, timeToLossMs: 60_000, recordsPerSecond: 0.5 }
const GROUP = { group: 'billing', lost: 7, reread: 3, unplaced: 0 }

const ACCOUNT = { lost: 4, quarantined: 2, filtered: 0, looped: 9, replayed: 5, uncovered: 3 }

const report: LagReport = {
  link: 'west-east',
  at: AT,
  mode: 'forwarding',
  lag: LAG,
  topics: [{ topic: 'orders', ...LAG }],
  worst: [{ topic: 'orders', partition: 1, seenAt: AT, ...LAG }],
  partitions: 3,
  unseen: 0,
  unmeasured: 0,
  standstillMs: 0,
  failover: { at: AT, groups: 1, reread: 3, unplaced: 0, worst: [GROUP] },
  accounts: { at: AT, link: ACCOUNT, topics: [{ topic: 'orders', ...ACCOUNT }] },
  troubles: [],
}

describe('what is told of a sample of the lag', () => {
  const emitted = emittedLines()

  const tell = (of: LagReport, whole: boolean) => {
    createLagTeller(emitted.means())(of, { whole })
    const told = emitted.metrics()
    const ofDimensions = (wanted: object) =>
      Object.fromEntries(
        told
          .filter(({ dimensions }) => JSON.stringify(dimensions) === JSON.stringify(wanted))
          .map(({ name, value }) => [name, value]),
      )
    return { told, ofDimensions, logged: emitted.messages() }
  }

  it('is the link, and once a minute its topics, groups and worst partitions', () => {
    const { ofDimensions, logged, told } = tell(report, true)
    expect(ofDimensions(OF_LINK)).toEqual({
      LagRecords: 7,
      LagSeconds: 12.5,
      TimeToLossSeconds: 60,
      SourceRecordsPerSecond: 0.5,
      SourceUnreachableSeconds: 0,
      FailoverLostRecords: 7,
      FailoverRereadRecords: 3,
      GoneRecords: 0,
      UnmeasuredPartitions: 0,
      GapRecords: 6,
      UncoveredTargetRecords: 3,
    })
    expect(ofDimensions({ ...OF_LINK, topic: 'orders' })).toEqual({
      LagRecords: 7,
      LagSeconds: 12.5,
      SourceRecordsPerSecond: 0.5,
    })
    expect(new Set(told.map(({ name }) => name))).toEqual(new Set(Object.keys(LAG_METRICS)))
    expect(logged).toEqual(['INFO partitions behind', 'INFO gaps', 'INFO groups behind'])
  })

  it('is how old the newest heartbeat is, where one has arrived', () => {
    const { ofDimensions } = tell({ ...report, heartbeatAgeMs: 1_500 }, false)
    expect(ofDimensions(OF_LINK)).toMatchObject({ HeartbeatAgeSeconds: 1.5 })
  })

  it('is the link alone in between, in one line', () => {
    const { told, logged } = tell(report, false)
    expect(told.every(({ dimensions }) => !('topic' in dimensions))).toBe(true)
    for (const name of ['FailoverRereadRecords', 'GapRecords', 'UncoveredTargetRecords'])
      expect(told.map((one) => one.name)).not.toContain(name)
    expect(told.map(({ name }) => name)).toEqual(expect.arrayContaining(['GoneRecords', 'UnmeasuredPartitions']))
    expect([emitted.lines.length, logged]).toEqual([1, []])
  })

  it('leaves out what nobody can tell, and counts the seconds without a source', () => {
    const { timeToLossMs: _, recordsPerSecond: __, ...lag } = LAG
    const { ofDimensions, logged } = tell(
      { ...report, lag, sourceUnreachableSince: AT - 90_000, unseen: 3, troubles: ['SOURCE_UNREACHABLE'] },
      true,
    )
    expect(ofDimensions(OF_LINK)).toMatchObject({ SourceUnreachableSeconds: 90, LagRecords: 7 })
    expect(Object.keys(ofDimensions(OF_LINK))).not.toContain('TimeToLossSeconds')
    expect(logged[0]).toBe('WARN source not seen')
  })

  it('has a bounded number of metrics, however many topics there are', () => {
    const topics = Array.from({ length: 1_000 }, (_, at) => ({ topic: `t${at}`, ...LAG, recordsPerSecond: at }))
    const { told } = tell({ ...report, topics }, true)
    expect(told).toHaveLength(11 + 100 * 2 + 20)
    const rates = told.filter(({ name, dimensions }) => name === 'SourceRecordsPerSecond' && 'topic' in dimensions)
    expect(rates.map(({ value }) => value)).toEqual(Array.from({ length: 20 }, (_, at) => 999 - at))
  })

  it('is what is gone and what nobody can measure, as an error that says how many', () => {
    const { ofDimensions, logged } = tell({ ...report, lag: { ...LAG, gone: 5 }, unmeasured: 2 }, true)
    expect(ofDimensions(OF_LINK)).toMatchObject({ GoneRecords: 5, UnmeasuredPartitions: 2 })
    expect(logged).toContain('ERROR partitions not measured')
  })

  it('is nothing of the target where others write there by design', () => {
    const { uncovered: _, ...link } = ACCOUNT
    const { told } = tell({ ...report, accounts: { at: AT, link, topics: [] } }, true)
    expect(told.map(({ name }) => name)).not.toContain('UncoveredTargetRecords')
  })
})
