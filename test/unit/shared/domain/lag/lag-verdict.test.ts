import { describe, expect, it } from 'vitest'
import type { LagReport } from '../../../../../shared/domain/lag/lag-report.ts'
import { alarmsIn } from '../../../../../shared/domain/lag/lag-verdict.ts'

const AT = 1_700_000_000_000
const thresholds = { lagSeconds: 300, timeToLossMs: 3_600_000 }
const quiet: LagReport = {
  link: 'west-east',
  at: AT,
  mode: 'forwarding',
  lag: { records: 0, lagMs: 0, gone: 0 },
  topics: [],
  worst: [],
  partitions: 1,
  unseen: 0,
  heartbeatAgeMs: 1_000,
  rememberedAt: AT,
  troubles: [],
}
const lag = (figures: Partial<LagReport['lag']>): LagReport => ({ ...quiet, lag: { ...quiet.lag, ...figures } })

const MANY = { thresholds: { ...thresholds, lagRecords: 10 }, heartbeats: true }

describe('what would raise an alarm', () => {
  it.each<[string, LagReport, readonly string[]]>([
    ['nothing', quiet, []],
    ['a lag below the threshold', lag({ lagMs: 299_999 }), []],
    ['a lag at it', lag({ lagMs: 300_000 }), ['lag-seconds']],
    ['any number of records without a threshold', lag({ records: 1e9 }), []],
    ['a loss that is far', lag({ timeToLossMs: 3_600_000, lagMs: 60_000 }), []],
    ['a loss that is near', lag({ timeToLossMs: 3_599_999, lagMs: 60_000 }), ['time-to-loss']],
    ['a loss that is under way', lag({ timeToLossMs: 0, lagMs: 60_000 }), ['time-to-loss']],
    ['one that is near for what is on its way', lag({ timeToLossMs: 0, lagMs: 59_999 }), []],
    ['a heartbeat of late', { ...quiet, heartbeatAgeMs: 119_999 }, []],
    ['one that is old', { ...quiet, heartbeatAgeMs: 120_000 }, ['heartbeat-age']],
    ['a source that is silent for a moment', { ...quiet, sourceUnreachableSince: AT - 59_999 }, []],
    ['a source that is silent', { ...quiet, sourceUnreachableSince: AT - 60_000 }, ['source-unreachable']],
    ['no sample for three minutes', { ...quiet, rememberedAt: AT - 180_000 }, []],
    ['none for longer', { ...quiet, rememberedAt: AT - 180_001 }, ['not-measured']],
  ])('%s', (_what, report, alarms) => {
    expect(alarmsIn(report, { thresholds, heartbeats: true })).toEqual(alarms)
  })

  it('too many records, where the topology says how many, and no sample at all', () => {
    expect(alarmsIn(lag({ records: 9 }), MANY)).toEqual([])
    const { rememberedAt: _, ...never } = lag({ records: 10 })
    expect(alarmsIn(never, MANY)).toEqual(['lag-records', 'not-measured'])
  })
  it('no heartbeat at all, on a link that beats; none of one that does not, however old the last one is', () => {
    const { heartbeatAgeMs: _, ...never } = quiet
    expect(alarmsIn(never, { thresholds, heartbeats: true })).toEqual(['heartbeat-age'])
    expect(alarmsIn({ ...quiet, heartbeatAgeMs: 1e9 }, { thresholds, heartbeats: false })).toEqual([])
  })
})
