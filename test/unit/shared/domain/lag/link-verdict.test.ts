import { describe, expect, it } from 'vitest'
import type { LagReport } from '../../../../../shared/domain/lag/lag-report.ts'
import {
  isRaised,
  JUDGED_ALARMS,
  type LinkFacts,
  type LinkLimits,
  limitsOf,
  verdictsOn,
} from '../../../../../shared/domain/lag/link-verdict.ts'
import { defineTopology } from '../../../../../shared/domain/topology/topology-check.ts'
import { withLink } from '../topology/topology-example.ts'

const AT = 1_700_000_000_000
const HOUR_MS = 3_600_000
const NOTHING = { lost: 0, quarantined: 0, filtered: 0, looped: 0, replayed: 0 }
const quiet: LagReport = {
  link: 'west-east',
  at: AT,
  mode: 'forwarding',
  lag: { records: 0, lagMs: 0, gone: 0 },
  topics: [],
  worst: [],
  partitions: 1,
  unseen: 0,
  unmeasured: 0,
  standstillMs: 0,
  accounts: { at: AT, link: NOTHING, topics: [] },
  heartbeatAgeMs: 1_000,
  beatenAgoMs: 1_000,
  rememberedAt: AT,
  troubles: [],
}
const limits: LinkLimits = {
  thresholds: { lagSeconds: 300, timeToLossMs: HOUR_MS, standstillMs: 120_000 },
  ...{ heartbeats: true, syncTopics: true, syncGroups: true, syncsAccess: true },
}
const TOLD = {
  verified: { at: AT, differences: 0 },
  ...{ faultedTopics: 0, mappingsOff: 0, faultedGroups: 0, faultedAccess: 0, sourceRacks: 0, targetRacks: 0 },
} satisfies Partial<LinkFacts>
const facts = (report: Partial<LagReport> = {}, more: Partial<LinkFacts> = {}): LinkFacts => ({
  lag: { ...quiet, ...report },
  ...TOLD,
  ...more,
})
const lag = (figures: Partial<LagReport['lag']>) => facts({ lag: { ...quiet.lag, ...figures } })
const accounts = (account: object) => facts({ accounts: { at: AT, link: { ...NOTHING, ...account }, topics: [] } })
const raised = (of: LinkFacts, by: LinkLimits = limits) =>
  verdictsOn(of, by)
    .filter(isRaised)
    .map(({ alarm }) => alarm)

describe('what would raise an alarm', () => {
  it.each<[string, LinkFacts, readonly string[]]>([
    ['nothing', facts(), []],
    ['a lag below the threshold', lag({ lagMs: 299_999 }), []],
    ['a lag at it', lag({ lagMs: 300_000 }), ['lag-seconds']],
    ['any number of records without a threshold', lag({ records: 1e9 }), []],
    ['a loss that is far', lag({ timeToLossMs: HOUR_MS, lagMs: 60_000 }), []],
    ['a loss that is near', lag({ timeToLossMs: HOUR_MS - 1, lagMs: 60_000 }), ['time-to-loss']],
    ['a loss that is under way', lag({ timeToLossMs: 0, lagMs: 60_000 }), ['time-to-loss']],
    ['one that is near for what is on its way', lag({ timeToLossMs: 0, lagMs: 59_999 }), []],
    ['a loss that is complete', lag({ gone: 1 }), ['gone-records']],
    ['a partition that nobody can measure', facts({ unmeasured: 1 }), ['unmeasured-partitions']],
    ['a partition that stands still for a while', facts({ standstillMs: 119_999 }), []],
    ['one that does so for long', facts({ standstillMs: 120_000 }), ['standstill']],
    ['a heartbeat of late', facts({ heartbeatAgeMs: 119_999 }), []],
    ['one that is old', facts({ heartbeatAgeMs: 120_000 }), ['heartbeat-age']],
    ['nobody who beats', facts({ beatenAgoMs: 300_000 }), ['heartbeat-absent']],
    ['a source that is silent for a moment', facts({ sourceUnreachableSince: AT - 59_999 }), []],
    ['a source that is silent', facts({ sourceUnreachableSince: AT - 60_000 }), ['source-unreachable']],
    ['no sample for three minutes', facts({ rememberedAt: AT - 179_999 }), []],
    ['none for longer', facts({ rememberedAt: AT - 180_000 }), ['not-measured']],
    ['what was lost within the hour', accounts({ lost: 3, lostAt: AT - HOUR_MS + 1 }), ['lost-records']],
    ['what was lost before', accounts({ lost: 3, lostAt: AT - HOUR_MS }), []],
    ['a record put into quarantine now', accounts({ quarantined: 1, quarantinedAt: AT }), ['quarantined-records']],
    ['one that was put back', accounts({ quarantined: 0, replayed: 1 }), []],
    ['differences', facts({}, { verified: { at: AT, differences: 1 } }), ['differences']],
    ['a topic that stands', facts({}, { faultedTopics: 1 }), ['faulted-topics']],
    ['a mapping that is off', facts({}, { mappingsOff: 1 }), ['mappings-off']],
    ['a group that cannot follow', facts({}, { faultedGroups: 1 }), ['faulted-groups']],
    ['rights that cannot follow', facts({}, { faultedAccess: 1 }), ['faulted-access']],
    ['a rack of the source', facts({}, { sourceRacks: 1 }), ['source-racks']],
    ['a rack of the target', facts({}, { targetRacks: 1 }), ['target-racks']],
    ['racks of which nobody can tell', facts({}, { sourceRacks: 'untold', targetRacks: 'untold' }), []],
  ])('%s', (_what, of, alarms) => {
    expect(raised(of)).toEqual(alarms)
  })

  it('too many records, where the topology says how many, and no sample at all', () => {
    const many = { ...limits, thresholds: { ...limits.thresholds, lagRecords: 10 } }
    expect(raised(lag({ records: 9 }), many)).toEqual([])
    const { rememberedAt: _, ...never } = quiet
    expect(raised({ ...TOLD, lag: { ...never, lag: { ...quiet.lag, records: 10 } } }, many)).toEqual([
      'lag-records',
      'not-measured',
    ])
  })

  it('no heartbeat at all, on a link that beats; none of one that does not, however old the last one is', () => {
    const { heartbeatAgeMs: _, beatenAgoMs: __, ...never } = quiet
    expect(raised({ ...TOLD, lag: never })).toEqual(['heartbeat-age', 'heartbeat-absent'])
    const still = { ...limits, heartbeats: false }
    expect(raised(facts({ heartbeatAgeMs: 1e9, beatenAgoMs: 1e9 }), still)).toEqual([])
  })

  it('whoever knows and does not answer; but nobody is asked of what the link does not have', () => {
    expect(raised({ lag: quiet })).toEqual([
      ...['faulted-topics', 'mappings-off', 'faulted-groups', 'faulted-access', 'source-racks', 'target-racks'],
    ])
    const bare = { ...limits, syncTopics: false, syncGroups: false, syncsAccess: false }
    expect(raised({ lag: quiet, sourceRacks: 0, targetRacks: 0 }, bare)).toEqual([])
  })

  it('is told with its value and its limit, of each alarm that the link has, in one order', () => {
    const all = verdictsOn(lag({ lagMs: 12_500 }), limits)
    expect(all.map(({ alarm }) => alarm)).toEqual(JUDGED_ALARMS.filter((alarm) => alarm !== 'lag-records'))
    const one = { alarm: 'lag-seconds', unit: 's', value: 12.5, limit: 300, verdict: 'good' }
    expect(all.find(({ alarm }) => alarm === 'lag-seconds')).toEqual(one)
    const untold = verdictsOn({ lag: quiet }, limits).find(({ alarm }) => alarm === 'differences')
    expect(untold).toMatchObject({ verdict: 'untold' })
  })
})

describe('the limits of a link', () => {
  it('are those of its topology', () => {
    const [link] = defineTopology(withLink({ thresholds: { lagSeconds: 77 }, syncTopics: false })).links
    if (link === undefined) throw new Error('no link')
    expect(limitsOf(link)).toMatchObject({ thresholds: { lagSeconds: 77 }, syncTopics: false, syncsAccess: false })
  })
})
