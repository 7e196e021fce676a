import { describe, expect, it } from 'vitest'
import {
  allows,
  CHECK_NAMES,
  type CheckName,
  type PreflightAsk,
  ruled,
} from '../../../../../shared/domain/failover/preflight-check.ts'
import type { ClusterFacts, LagFacts, PreflightFacts } from '../../../../../shared/domain/failover/preflight-facts.ts'
import { judgePreflight, type PreflightReport } from '../../../../../shared/domain/failover/preflight-report.ts'
import type { LinkStatus } from '../../../../../shared/domain/head.ts'
import { HEARTBEAT_TOPIC } from '../../../../../shared/domain/heartbeat/beat.ts'
import {
  ASK,
  GROUPS,
  LAG,
  NOW,
  SOUND,
  SOURCE_GONE,
  told,
  UNPLANNED,
  untold,
} from '../../../../support/preflight-facts.ts'

const SUBJECT = { pair: 'west-east', from: 'west', to: 'east', epoch: 1 }
const REST = { positions: { kind: 'mapped' }, tail: 'export' } as const

type Changes = Partial<PreflightFacts>

const judged = (changes: Changes = {}, ask: PreflightAsk = ASK, facts = SOUND): PreflightReport =>
  judgePreflight({ ...facts, ...changes }, ask, SUBJECT, REST)

const check = (name: CheckName, report: PreflightReport) => report.checks.find((one) => one.name === name)
const verdictOf = (name: CheckName, changes: Changes, ask = ASK, facts = SOUND) =>
  check(name, judged(changes, ask, facts))?.verdict

const ORDERS = { topic: 'orders', partition: 1 }
const cluster = (changes: Partial<ClusterFacts>) =>
  told<ClusterFacts>({ partitions: new Map([['orders', 3]]), silent: [], undescribed: [], ...changes })
const lag = (changes: Partial<LagFacts>) => told<LagFacts>({ ...LAG, ...changes })
const pass = (changes: object) => told({ due: [], faulted: [], troubles: [], ...changes })
const roles = (forward: Partial<LinkStatus>, reverse: Partial<LinkStatus> = {}) =>
  told({
    forward: { mode: 'forwarding', role: 'standby', epoch: 0, ...forward } as LinkStatus,
    reverse: told({ mode: 'stopped', role: 'active', epoch: 0, ...reverse } as LinkStatus),
  })
const replicas = (changes: object) => told({ partitions: 3, unwritable: [], thin: [], untold: [], ...changes })
const disk = (usableBytes: number) => ({ node: 2, directory: '/b', totalBytes: 1_000, usableBytes })
const disks = (changes: object) => told({ disks: [disk(900)], offline: [], unmeasured: [], ...changes })
const foreign = (changes: object) => told({ records: 0, partitions: [], growing: false, untold: 0, ...changes })
const heads = (changes: object) => told({ partitions: 3, standing: [], unread: [], ...changes })
const without = (facts: LagFacts, key: keyof LagFacts) => {
  const { [key]: _, ...rest } = facts
  return told(rest as LagFacts)
}

describe('a planned preflight', () => {
  it('passes a sound pair, check by check, and says what was measured and against what', () => {
    const { checks, passed, loss } = judged()
    expect(checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
    expect(checks.map(({ name }) => name)).toEqual(CHECK_NAMES.filter((name) => name !== 'source-unhealthy'))
    expect(checks.every(({ measured, limit }) => measured !== '' && limit !== '')).toBe(true)
    expect([passed, loss]).toEqual([true, undefined])
  })

  const failing: readonly (readonly [CheckName, string, Changes])[] = [
    ['source-reachable', 'the source does not answer', { source: untold }],
    ['source-reachable', 'a partition of the source has no leader', { source: cluster({ silent: [ORDERS] }) }],
    ['target-reachable', 'the target does not answer', { target: untold }],
    ['target-reachable', 'the target has none of the topics', { target: cluster({ partitions: new Map() }) }],
    ['canary-alive', 'there was never a sample', { lag: without(LAG, 'rememberedAt') }],
    ['canary-alive', 'the last sample is old', { lag: lag({ rememberedAt: NOW - 180_001 }) }],
    ['canary-alive', 'no heartbeat has arrived', { lag: without(LAG, 'heartbeatAgeMs') }],
    ['canary-alive', 'the last heartbeat is old', { lag: lag({ heartbeatAgeMs: 120_001 }) }],
    ['lag-records', 'too many records are behind', { lag: lag({ records: 101 }) }],
    ['lag-seconds', 'a record waits too long', { lag: lag({ lagMs: 30_001 }) }],
    [
      'partitions-equal',
      'a replica has fewer partitions',
      { target: cluster({ partitions: new Map([['orders', 2]]) }) },
    ],
    [
      'partitions-equal',
      'a replica has more partitions',
      { target: cluster({ partitions: new Map([['orders', 4]]) }) },
    ],
    ['partitions-equal', 'a replica is missing', { target: cluster({ partitions: new Map([['other', 3]]) }) }],
    ['topics-sound', 'a topic is faulted', { topics: pass({ faulted: ['orders'] }) }],
    ['gaps-explained', 'a partition stands still', { heads: heads({ standing: [ORDERS] }) }],
    ['gaps-explained', 'retention took what was not replicated', { lag: lag({ gone: 1 }) }],
    ['groups-fresh', 'a group cannot be moved', { groups: told({ ...GROUPS, faulted: ['billing'] }) }],
    ['target-in-sync', 'a replica takes no records', { replicas: replicas({ unwritable: [ORDERS] }) }],
    ['target-disk', 'a disk is almost full', { disks: disks({ disks: [disk(900), disk(149)] }) }],
    ['target-disk', 'a disk is offline', { disks: disks({ offline: ['/b of broker 2'] }) }],
    ['settings-in-step', 'a setting differs', { topics: pass({ due: ['orders: set retention.ms'] }) }],
    ['settings-in-step', 'a topic is faulted', { topics: pass({ faulted: ['orders'] }) }],
    ['access-in-step', 'a right is missing', { access: pass({ due: ['User:app: ALLOW READ'] }) }],
    ['no-foreign-writes', 'somebody wrote to a replica', { foreign: foreign({ records: 1, partitions: [ORDERS] }) }],
    ['one-writable-side', 'the target is active already', { roles: roles({ role: 'active', epoch: 3 }) }],
    ['one-writable-side', 'somebody is writing to both', { foreign: foreign({ growing: true }) }],
    [
      'no-pending-fence',
      'a cluster waits to be fenced',
      { pending: told({ execution: 'one', owed: ['fence'] as const }) },
    ],
    ['reverse-stopped', 'the link the other way forwards', { roles: roles({}, { mode: 'forwarding' }) }],
    ['reverse-stopped', 'the link the other way is paused', { roles: roles({}, { mode: 'paused' }) }],
    ['source-retention', 'records are about to be taken', { lag: lag({ timeToLossMs: 21_599_999 }) }],
  ]
  it.each(failing)('fails %s when %s', (name, _when, changes) => {
    const report = judged(changes)
    const found = check(name, report)
    expect(found?.verdict).toBe('fail')
    expect(found?.detail).not.toBe('')
    expect(report.passed).toBe(false)
  })

  const unknowns: readonly (readonly [CheckName, Changes])[] = [
    ['source-reachable', { source: cluster({ undescribed: ['orders: LEADER_NOT_AVAILABLE'] }) }],
    ['canary-alive', { lag: untold }],
    ['lag-records', { lag: untold }],
    ['lag-records', { lag: lag({ unmeasured: 1 }) }],
    ['lag-records', { lag: lag({ unseen: 1 }) }],
    ['lag-seconds', { lag: untold }],
    ['lag-seconds', { lag: lag({ unmeasured: 1 }) }],
    ['partitions-equal', { source: untold }],
    ['partitions-equal', { target: untold }],
    ['topics-sound', { topics: untold }],
    ['topics-sound', { topics: pass({ troubles: ['a broker is silent'] }) }],
    ['gaps-explained', { heads: untold }],
    ['gaps-explained', { heads: heads({ partitions: 0 }) }],
    ['gaps-explained', { lag: untold }],
    ['groups-fresh', { groups: untold }],
    ['groups-fresh', { groups: told({ ...GROUPS, troubles: ['a broker is silent'] }) }],
    ['target-in-sync', { replicas: untold }],
    ['target-in-sync', { replicas: replicas({ untold: ['orders'] }) }],
    ['target-in-sync', { replicas: replicas({ partitions: 0 }) }],
    ['target-disk', { disks: untold }],
    ['target-disk', { disks: disks({ disks: [] }) }],
    ['settings-in-step', { topics: untold }],
    ['settings-in-step', { topics: pass({ troubles: ['a broker is silent'] }) }],
    ['access-in-step', { access: untold }],
    ['access-in-step', { access: pass({ troubles: ['the source hides its ACLs'] }) }],
    ['no-foreign-writes', { foreign: untold }],
    ['no-foreign-writes', { foreign: foreign({ untold: 1 }) }],
    ['one-writable-side', { roles: untold }],
    ['one-writable-side', { foreign: untold }],
    ['one-writable-side', { foreign: foreign({ untold: 1 }) }],
    ['no-pending-fence', { pending: untold }],
    ['reverse-stopped', { roles: untold }],
    [
      'reverse-stopped',
      { roles: told({ forward: { mode: 'forwarding', role: 'standby', epoch: 0 }, reverse: untold }) },
    ],
    ['source-retention', { sourceRetention: untold }],
    ['source-retention', { sourceRetention: told({ untold: ['orders'] }) }],
    ['target-retention', { targetRetention: untold }],
  ]
  it.each(unknowns)('does not pass %s on what nobody told: %o', (name, changes) => {
    const report = judged(changes)
    expect(check(name, report)?.verdict).toBe('unknown')
    expect(report.passed).toBe(false)
  })

  it('has a test of failing and of not knowing for every check that gates', () => {
    const tested = new Set([...failing.map(([name]) => name), ...unknowns.map(([name]) => name)])
    const advises: readonly CheckName[] = ['target-racks', 'source-unhealthy']
    expect(CHECK_NAMES.filter((name) => !tested.has(name) && !advises.includes(name))).toEqual([])
  })

  const warnings: readonly (readonly [CheckName, string, Changes])[] = [
    ['gaps-explained', 'holes are unread', { heads: heads({ unread: [ORDERS] }) }],
    ['target-in-sync', 'a replica is not fully in sync', { replicas: replicas({ thin: [ORDERS] }) }],
    ['target-racks', 'a rack is all there is', { racks: told({ verdict: 'unsafe', unsafePartitions: 2 }) }],
    ['target-racks', 'nobody tells of racks', { racks: untold }],
    ['target-disk', 'no broker can tell of its disks', { disks: disks({ disks: [], unmeasured: [1] }) }],
    ['target-disk', 'one broker cannot tell', { disks: disks({ unmeasured: [1] }) }],
    ['groups-fresh', 'groups are not followed', { groups: undefined }],
    [
      'reverse-stopped',
      'there is no link the other way',
      { roles: told({ forward: { mode: 'forwarding', role: 'standby', epoch: 0 } }) },
    ],
    [
      'target-retention',
      'a topic keeps its records shortly',
      { targetRetention: told({ shortest: { topic: 'orders', retentionMs: 21_599_999 }, untold: [] }) },
    ],
  ]
  it.each(warnings)('only warns by %s that %s', (name, _what, changes) => {
    const report = judged(changes)
    expect(check(name, report)?.verdict).toBe('warn')
    expect(report.passed).toBe(true)
  })

  it.each([
    ['lag-records', { lag: lag({ records: 100 }) }],
    ['lag-seconds', { lag: lag({ lagMs: 30_000 }) }],
    ['canary-alive', { lag: lag({ rememberedAt: NOW - 180_000, heartbeatAgeMs: 120_000 }) }],
    ['target-disk', { disks: disks({ disks: [disk(150)] }) }],
    ['source-retention', { lag: lag({ timeToLossMs: 21_600_000 }) }],
    ['target-retention', { targetRetention: told({ shortest: { topic: 'o', retentionMs: 21_600_000 }, untold: [] }) }],
    ['topics-sound', { topics: undefined }],
    ['settings-in-step', { topics: undefined }],
    ['access-in-step', { access: undefined }],
    ['target-racks', { racks: told({ verdict: 'unknown' as const, unsafePartitions: 0 }) }],
  ] as const)('passes %s right at its limit, and where the link does not follow: %o', (name, changes) => {
    expect(verdictOf(name, changes)).toBe('pass')
  })

  it('lets both sides write where records tell where they come from, and forward where names differ', () => {
    const both = { ...ASK, link: { ...ASK.link, provenance: true } }
    const busy = {
      foreign: foreign({ records: 5, partitions: [ORDERS], growing: true }),
      roles: roles({}, { mode: 'forwarding' }),
    }
    expect(judged(busy, both).passed).toBe(true)
    expect(verdictOf('one-writable-side', { roles: roles({ role: 'active' }) }, both)).toBe('fail')
    const prefixed = { ...ASK, link: { ...ASK.link, keepsNames: false } }
    expect(verdictOf('reverse-stopped', { roles: roles({}, { mode: 'forwarding' }) }, prefixed)).toBe('pass')
    expect(verdictOf('no-foreign-writes', busy, prefixed)).toBe('fail')
  })

  it('does without heartbeats where the link has none', () => {
    const silent = { ...ASK, link: { ...ASK.link, heartbeats: false } }
    expect(verdictOf('canary-alive', { lag: without(LAG, 'heartbeatAgeMs') }, silent)).toBe('pass')
  })
})

describe('an unplanned preflight', () => {
  it('passes when the source has been silent for long enough, and says what will be lost', () => {
    const { checks, passed, loss } = judged({}, UNPLANNED, SOURCE_GONE)
    expect(checks.filter(({ verdict }) => verdict === 'fail' || verdict === 'unknown')).toEqual([])
    expect(passed).toBe(true)
    expect(loss).toEqual({ records: 7, knownAt: NOW - 60_000, topics: [{ topic: 'orders', records: 7 }] })
  })

  it('is refused while the source is well', () => {
    const report = judged({}, UNPLANNED)
    expect(check('source-unhealthy', report)?.verdict).toBe('fail')
    expect([report.passed, report.loss?.records]).toEqual([false, 0])
  })

  it.each([
    [
      'pass',
      'partitions of it have had no leader for long enough',
      { source: cluster({ silent: [ORDERS] }), lag: lag({ unseen: 1, unseenSince: NOW - 30_000 }) },
    ],
    [
      'fail',
      'partitions of it have no leader for a moment',
      { source: cluster({ silent: [ORDERS] }), lag: lag({ unseen: 1, unseenSince: NOW - 29_999 }) },
    ],
    ['fail', 'partitions of it have no leader just now', { source: cluster({ silent: [ORDERS] }), lag: lag({}) }],
    ['unknown', 'nobody knows since when they have none', { source: cluster({ silent: [ORDERS] }), lag: untold }],
    ['pass', 'it has just been silent for long enough', { lag: lag({ sourceUnreachableSince: NOW - 30_000 }) }],
    ['fail', 'a broker restarts', { lag: lag({ sourceUnreachableSince: NOW - 29_999 }) }],
    ['fail', 'the canary still reaches it', { lag: lag({}) }],
    ['unknown', 'nobody knows for how long', { lag: untold }],
  ] as const)('judges the source: %s, when %s', (verdict, _when, changes) => {
    expect(verdictOf('source-unhealthy', changes, UNPLANNED, SOURCE_GONE)).toBe(verdict)
  })

  it('compares what would be lost with what may be, and not with how far it may be behind', () => {
    const limits = { lagRecords: 0, lagSeconds: 0, lostRecords: 7 }
    expect(judged({}, { ...UNPLANNED, limits }, SOURCE_GONE).passed).toBe(true)
    const fewer = { ...UNPLANNED, limits: { ...limits, lostRecords: 6 } }
    expect(verdictOf('lag-records', {}, fewer, SOURCE_GONE)).toBe('fail')
  })

  it('tells of the loss topic by topic, without those that lose nothing, and without beats', () => {
    const topics = [
      { topic: 'orders', records: 1 },
      { topic: 'quiet', records: 0 },
      { topic: HEARTBEAT_TOPIC, records: 6 },
    ]
    const { loss } = judged({ lag: lag({ topics, sourceUnreachableSince: NOW - 60_000 }) }, UNPLANNED, SOURCE_GONE)
    expect(loss?.topics).toEqual([{ topic: 'orders', records: 1 }])
    const known = lag({ topics: [], at: NOW - 5 })
    expect(judged({ lag: known }, UNPLANNED, SOURCE_GONE).loss?.knownAt).toBe(NOW - 5)
  })

  it('says since when it knows of groups what the source does not tell any more', () => {
    const groups = check('groups-fresh', judged({}, UNPLANNED, SOURCE_GONE))
    expect(groups?.measured).toBe('known 70 s ago, 9 records read again')
    expect(check('groups-fresh', judged({ groups: untold }))?.measured).toBe('unknown')
    const never = { lag: lag({ sourceUnreachableSince: NOW - 60_000 }) }
    expect(check('groups-fresh', judged(never, UNPLANNED, SOURCE_GONE))?.measured).toBe('unknown')
  })

  it('does not know the loss without figures, and says so', () => {
    const report = judged({ lag: untold }, UNPLANNED, SOURCE_GONE)
    expect(check('lag-records', report)?.verdict).toBe('unknown')
    expect([report.passed, report.loss]).toEqual([false, { topics: [] }])
  })

  it('only warns of what the source alone could tell', () => {
    for (const name of [
      'partitions-equal',
      'topics-sound',
      'settings-in-step',
      'groups-fresh',
      'source-retention',
    ] as const)
      expect([name, verdictOf(name, {}, UNPLANNED, SOURCE_GONE)]).toEqual([name, 'warn'])
  })

  it.each(['target-in-sync', 'target-disk', 'no-foreign-writes', 'one-writable-side', 'no-pending-fence'] as const)(
    'is still stopped by %s',
    (name) => {
      const nothing: Changes = { replicas: untold, disks: untold, foreign: untold, pending: untold }
      expect(verdictOf(name, nothing, UNPLANNED, SOURCE_GONE)).toBe('unknown')
    },
  )
})

describe('who forces a failover', () => {
  const forced: PreflightAsk = { ...ASK, force: true, reason: 'the region will be gone in an hour' }

  it('goes on without what may be forced, which is marked', () => {
    const report = judged({ lag: lag({ records: 101 }) }, forced)
    expect(check('lag-records', report)).toMatchObject({ verdict: 'warn', forced: true, measured: '101 records' })
    expect(report.passed).toBe(true)
    expect(judged({ lag: lag({}) }, forced).checks.some((one) => one.forced)).toBe(false)
  })

  it('needs a reason', () => {
    expect(judged({ lag: lag({ records: 101 }) }, { ...forced, reason: ' ' }).passed).toBe(false)
  })

  it.each([
    ['target-reachable', { target: untold }],
    ['partitions-equal', { target: cluster({ partitions: new Map([['orders', 2]]) }) }],
    ['one-writable-side', { roles: roles({ role: 'active' }) }],
    ['reverse-stopped', { roles: roles({}, { mode: 'forwarding' }) }],
  ] as const)('never gets past %s', (name, changes) => {
    expect(verdictOf(name, changes, forced)).toBe('fail')
    expect(judged(changes, forced).passed).toBe(false)
  })

  it('may leave a source that is well', () => {
    const unplanned = { ...UNPLANNED, force: true }
    expect(judged({}, unplanned).passed).toBe(true)
  })
})

describe('what nobody knows', () => {
  const found = { measured: 'unknown', limit: 'any', verdict: 'unknown', detail: 'nobody answered' } as const
  const stopping = (ask: PreflightAsk) =>
    CHECK_NAMES.filter((name) => {
      const check = ruled(name, found, ask)
      return check !== undefined && !allows(check)
    })
  const forced = { force: true, reason: 'now' }

  it('stops a planned failover, but for the racks', () => {
    const absent: readonly CheckName[] = ['source-unhealthy', 'target-racks']
    expect(stopping(ASK)).toEqual(CHECK_NAMES.filter((name) => !absent.includes(name)))
    expect(stopping({ ...ASK, mode: 'drill' })).toEqual(stopping(ASK))
    expect(stopping({ ...ASK, mode: 'failback' })).toEqual(stopping(ASK))
  })

  it('stops an unplanned one where it is about the target, the loss, or two writable sides', () => {
    expect(stopping(UNPLANNED)).toEqual([
      'source-unhealthy',
      'target-reachable',
      'canary-alive',
      'lag-records',
      'target-in-sync',
      'target-disk',
      'no-foreign-writes',
      'one-writable-side',
      'no-pending-fence',
      'target-retention',
    ])
  })

  it('stops also who forces it, where two sides could be written to or keys go astray', () => {
    expect(stopping({ ...ASK, ...forced })).toEqual([
      'source-reachable',
      'target-reachable',
      'partitions-equal',
      'one-writable-side',
      'reverse-stopped',
    ])
    expect(stopping({ ...UNPLANNED, ...forced })).toEqual(['target-reachable', 'one-writable-side'])
  })
})
