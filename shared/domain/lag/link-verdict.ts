import type { FailoverStanding } from '../failover/failover-watch.ts'
import type { Link, Thresholds } from '../topology/topology.ts'
import type { LagReport } from './lag-report.ts'

/** What of a link says when it alarms, and which alarms it has. */
export interface LinkLimits extends Pick<Link, 'heartbeats' | 'syncTopics' | 'syncGroups'> {
  readonly thresholds: Pick<Thresholds, 'lagSeconds' | 'lagRecords' | 'timeToLossMs' | 'standstillMs'>
  /** Whether access rights follow. */
  readonly syncsAccess: boolean
}

export const limitsOf = ({ thresholds, heartbeats, syncTopics, syncGroups, access }: Link): LinkLimits => ({
  thresholds,
  heartbeats,
  syncTopics,
  syncGroups,
  syncsAccess: access !== undefined,
})

/** What the last scheduled verification found. */
export interface VerificationSeen {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly differences: number
}

/** A count that another function told; `untold`: it cannot tell either, and no alarm fires for it; absent: no answer. */
export type Told = number | 'untold'

/** All that is known of a link at one moment. */
export interface LinkFacts {
  readonly lag: LagReport
  /** Absent: there was none yet. */
  readonly verified?: VerificationSeen
  readonly faultedTopics?: Told
  readonly mappingsOff?: Told
  readonly faultedGroups?: Told
  readonly faultedAccess?: Told
  /** Partitions that would not outlive the loss of a rack. */
  readonly sourceRacks?: Told
  readonly targetRacks?: Told
  /** Absent: nobody fails over along this link; `unanswered`: who knows of failovers does not answer. */
  readonly failovers?: FailoversSeen | 'unanswered'
}

/** How failovers along a link stand, and from when on the last good drill is too old. */
export interface FailoversSeen extends FailoverStanding {
  readonly drillLimitDays: number
}

type Unit = 's' | 'records' | 'offsets' | 'partitions' | 'topics' | 'mappings' | 'groups' | 'principals' | OfFailovers
type OfFailovers = 'failovers' | 'clusters' | 'days'

/** What is known of one alarm. `unanswered`: whoever knows did not answer, which is no better than an alarm. */
export interface AlarmVerdict {
  /** As the alarm is named. */
  readonly alarm: JudgedAlarm
  /** Absent: there is none. */
  readonly value?: number
  readonly limit: number
  readonly unit: Unit
  readonly verdict: 'good' | 'bad' | 'untold' | 'unanswered'
}

type Finding = Omit<AlarmVerdict, 'alarm' | 'unit'>
/** `undefined`: the link has no such alarm. */
type Judge = (facts: LinkFacts, limits: LinkLimits) => Finding | undefined

/** The scheduled function takes six samples a minute; after so long something is wrong with it. */
const SILENT_SECONDS = 180
/** Outlasts the restart of a broker, and a sample that got lost. */
const UNREACHABLE_SECONDS = 60
/** What is on its way is in no danger: a topic may well keep its records for less than the threshold. */
const ON_ITS_WAY_MS = 60_000
/** Outlasts the restart of a broker; beats come every second. */
const OLDEST_BEAT_SECONDS = 120
const NO_BEAT_SECONDS = 300
/** The alarms of what happens once go off when it does, and clear after a minute; who was woken by them looks later. */
const LATELY_MS = 3_600_000

const seconds = (ms: number): number => ms / 1_000

/** Bad from the limit on. */
const reached = (value: number, limit: number): Finding => ({ value, limit, verdict: value >= limit ? 'bad' : 'good' })

const counted = (told: Told | undefined): Finding => {
  if (told === undefined || told === 'untold') return { limit: 1, verdict: told ?? 'unanswered' }
  return reached(told, 1)
}

const endangered: Judge = ({ lag: { lag } }, { thresholds }) => {
  const limit = seconds(thresholds.timeToLossMs)
  if (lag.timeToLossMs === undefined) return { limit, verdict: 'good' }
  const value = seconds(lag.timeToLossMs)
  return { value, limit, verdict: value < limit && lag.lagMs >= ON_ITS_WAY_MS ? 'bad' : 'good' }
}

/** Without any it is as bad as with an old one. */
const aged = (ageMs: number | undefined, limit: number): Finding =>
  ageMs === undefined ? { limit, verdict: 'bad' } : reached(seconds(ageMs), limit)

/** How many there are, when the newest came lately. */
const lately = (count: number | undefined, newestAt: number | undefined, now: number): Finding => {
  if (count === undefined) return { limit: 1, verdict: 'untold' }
  const isLate = newestAt !== undefined && now - newestAt < LATELY_MS
  return { value: count, limit: 1, verdict: isLate && count > 0 ? 'bad' : 'good' }
}

const measuredAgo = ({ lag: { at, rememberedAt } }: LinkFacts): number | undefined =>
  rememberedAt === undefined ? undefined : at - rememberedAt

const sourceSilentMs = ({ lag: { at, sourceUnreachableSince } }: LinkFacts): number =>
  sourceUnreachableSince === undefined ? 0 : at - sourceUnreachableSince

const ofFunction = (id: string): readonly string[] => ['errors', 'throttles', 'absent'].map((what) => `${id}-${what}`)

/** Every alarm that can be judged from a single look, and how. As of that look: the alarms themselves may wait for minutes. */
const JUDGES = {
  standstill: ['s', ({ lag }, { thresholds }) => reached(seconds(lag.standstillMs), seconds(thresholds.standstillMs))],
  'lost-records': ['offsets', ({ lag: { at, accounts } }) => lately(accounts?.link.lost, accounts?.link.lostAt, at)],
  'quarantined-records': [
    'records',
    ({ lag: { at, accounts } }) => lately(accounts?.link.quarantined, accounts?.link.quarantinedAt, at),
  ],
  'faulted-topics': ['topics', (facts, { syncTopics }) => (syncTopics ? counted(facts.faultedTopics) : undefined)],
  'mappings-off': ['mappings', (facts, { syncTopics }) => (syncTopics ? counted(facts.mappingsOff) : undefined)],
  'faulted-groups': ['groups', (facts, { syncGroups }) => (syncGroups ? counted(facts.faultedGroups) : undefined)],
  'faulted-access': [
    'principals',
    (facts, { syncsAccess }) => (syncsAccess ? counted(facts.faultedAccess) : undefined),
  ],
  differences: ['records', ({ verified }) => counted(verified?.differences ?? 'untold')],
  'lag-seconds': ['s', ({ lag: { lag } }, { thresholds }) => reached(seconds(lag.lagMs), thresholds.lagSeconds)],
  'lag-records': [
    'records',
    ({ lag: { lag } }, { thresholds: { lagRecords } }) =>
      lagRecords === undefined ? undefined : reached(lag.records, lagRecords),
  ],
  'time-to-loss': ['s', endangered],
  'gone-records': ['offsets', ({ lag: { lag } }) => reached(lag.gone, 1)],
  'unmeasured-partitions': ['partitions', ({ lag }) => reached(lag.unmeasured, 1)],
  'source-unreachable': ['s', (facts) => reached(seconds(sourceSilentMs(facts)), UNREACHABLE_SECONDS)],
  'not-measured': ['s', (facts) => aged(measuredAgo(facts), SILENT_SECONDS)],
  'source-racks': ['partitions', ({ sourceRacks }) => counted(sourceRacks)],
  'target-racks': ['partitions', ({ targetRacks }) => counted(targetRacks)],
  'heartbeat-age': [
    's',
    ({ lag }, { heartbeats }) => (heartbeats ? aged(lag.heartbeatAgeMs, OLDEST_BEAT_SECONDS) : undefined),
  ],
  'heartbeat-absent': [
    's',
    ({ lag }, { heartbeats }) => (heartbeats ? aged(lag.beatenAgoMs, NO_BEAT_SECONDS) : undefined),
  ],
} as const satisfies Record<string, readonly [Unit, Judge]>

/** By the standing of failovers along the link, where there are any. */
const standing =
  (judge: (failovers: FailoversSeen) => Finding | undefined, limit = 1): Judge =>
  ({ failovers }) =>
    failovers === 'unanswered' ? { limit, verdict: 'unanswered' } : failovers && judge(failovers)

/** Nobody drills a failover to the cluster that is active. */
const drilled = ({ drillAgeDays, drillLimitDays: limit }: FailoversSeen): Finding | undefined =>
  drillAgeDays === undefined ? undefined : reached(Math.floor(drillAgeDays), limit)

const FAILOVER_JUDGES = {
  'approval-pending': ['failovers', standing(({ approvalPending }) => reached(Number(approvalPending), 1))],
  'failover-held': ['failovers', standing(({ held }) => reached(Number(held), 1))],
  'fence-pending': ['clusters', standing(({ fencePending }) => reached(Number(fencePending), 1))],
  'drill-age': ['days', standing(drilled)],
} as const satisfies Record<string, readonly [Unit, Judge]>

const ALL_JUDGES = { ...JUDGES, ...FAILOVER_JUDGES }

export type JudgedAlarm = keyof typeof ALL_JUDGES

/** Of every link. */
export const JUDGED_ALARMS = Object.keys(JUDGES) as readonly (keyof typeof JUDGES)[]
/** Of the link of a pair that fails over. */
export const JUDGED_FAILOVER_ALARMS = Object.keys(FAILOVER_JUDGES) as readonly (keyof typeof FAILOVER_JUDGES)[]

interface UnknownAlarms {
  readonly alarms: readonly string[]
  readonly because: string
}

/** What the link of a pair that fails over has besides, and why a single look cannot tell. */
export const UNKNOWN_FAILOVER_ALARMS: readonly UnknownAlarms[] = [
  {
    alarms: ['stranded-records'],
    because: 'they are counted when their cluster is met again; twinshore tail lists them',
  },
  {
    alarms: ['failover-failed', 'failover-timed-out', 'failover-aborted', ...ofFunction('fence')],
    because: 'Step Functions and Lambda count them',
  },
]

/** What a single look cannot tell, and why. */
export const UNKNOWN_ALARMS: readonly UnknownAlarms[] = [
  {
    alarms: ['function-errors', 'throttles'],
    because: 'Lambda counts them; what they hold up shows in lag-seconds and standstill',
  },
  {
    alarms: ['refused-records'],
    because: 'a log line says so when the record comes; its partition shows in standstill',
  },
  {
    alarms: ['duplicates'],
    because: 'a rate over half an hour; how many target records no run covers is printed',
  },
  {
    alarms: ['topic-drift', 'acl-drift'],
    because: 'it takes several passes; twinshore plan says what the next one would do',
  },
  {
    alarms: ['topic-sync', 'group-sync', 'access-sync'].flatMap(ofFunction),
    because: 'Lambda counts them; a function that cannot plan its pass now is told',
  },
  {
    alarms: ofFunction('verify'),
    because: 'Lambda counts them; when the last verification is long ago, that is printed',
  },
  { alarms: ['measure-lag-errors'], because: 'Lambda counts them; not-measured says when it fails for long' },
]

/** What is to be said of each alarm of the link, in the order of the README. */
export const verdictsOn = (facts: LinkFacts, limits: LinkLimits): readonly AlarmVerdict[] =>
  [...JUDGED_ALARMS, ...JUDGED_FAILOVER_ALARMS].flatMap((alarm) => {
    const [unit, judge]: readonly [Unit, Judge] = ALL_JUDGES[alarm]
    const finding = judge(facts, limits)
    return finding === undefined ? [] : [{ alarm, unit, ...finding }]
  })

/** Whether somebody has to look. */
export const isRaised = ({ verdict }: AlarmVerdict): boolean => verdict === 'bad' || verdict === 'unanswered'
