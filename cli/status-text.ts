import { styleText } from 'node:util'
import type { Account } from '../shared/domain/lag/accounts.ts'
import type { LagReport } from '../shared/domain/lag/lag-report.ts'
import { type AlarmVerdict, isRaised, type JudgedAlarm } from '../shared/domain/lag/link-verdict.ts'
import type { LinkStatusAnswer, WholeStatus } from './status-answer.ts'
import { table } from './terminal.ts'

export const isWell = (status: LinkStatusAnswer): boolean => !('error' in status) && status.alarms.length === 0

const numbers = new Intl.NumberFormat('en-US')

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** The two largest units: 45 s, 7 min 5 s, 6 h, 3 d 4 h. */
export const durationText = (ms: number): string => {
  const first = UNITS.findIndex(([, unitMs]) => ms >= unitMs)
  if (first === -1) return '0 s'
  let left = ms
  return UNITS.slice(first, first + 2)
    .flatMap(([unit, unitMs]) => {
      const count = Math.floor(left / unitMs)
      left -= count * unitMs
      return count === 0 ? [] : [`${count} ${unit}`]
    })
    .join(' ')
}

/** `heartbeat`: how old the newest one on the target is. */
const HEAD = [
  'link',
  'state',
  'records',
  'lag',
  'time to loss',
  'would lose',
  'would read again',
  'heartbeat',
  'source',
]

/** One line a link; those that would raise an alarm in red, and what is wrong with them below. */
export const describeStatus = (statuses: readonly LinkStatusAnswer[]): string => {
  const [head = '', ...lines] = table([HEAD, ...statuses.map(rowOf)]).split('\n')
  const coloured = lines.map((line, at) => (statuses[at] && isWell(statuses[at]) ? line : red(line)))
  return [[head, ...coloured].join('\n'), ...statuses.flatMap(notesOf)].join('\n\n')
}

const red = (text: string): string => styleText('red', text, { stream: process.stdout })

const rowOf = (status: LinkStatusAnswer): readonly string[] => {
  if ('error' in status) return [status.link, 'unknown', ...Array(HEAD.length - 2).fill('?')]
  const { link, mode, lag, failover, heartbeatAgeMs } = status
  return [
    link,
    mode,
    numbers.format(lag.records),
    `${lag.atLeast ? 'over ' : ''}${durationText(lag.lagMs)}`,
    lag.timeToLossMs === undefined ? '-' : durationText(lag.timeToLossMs),
    numbers.format(lag.records),
    failover === undefined ? '-' : numbers.format(failover.reread),
    heartbeatAgeMs === undefined ? '-' : durationText(heartbeatAgeMs),
    sourceOf(status),
  ]
}

const sourceOf = ({ sourceUnreachableSince, unseen, partitions, at }: LagReport): string => {
  if (sourceUnreachableSince !== undefined)
    return `unreachable since ${timeText(sourceUnreachableSince)} (${durationText(at - sourceUnreachableSince)})`
  return unseen === 0 ? 'reachable' : `${unseen} of ${partitions} partitions do not answer`
}

const timeText = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`

const MEANS: Readonly<Record<JudgedAlarm, string>> = {
  standstill: 'the checkpoint of a partition stands still while records wait',
  'lost-records': 'the source deleted records before they were replicated, the last of them within the hour',
  'quarantined-records': 'the target refused records, the last of them within the hour',
  'faulted-topics': 'topics stand until somebody acts; npx twinshore plan says why',
  'mappings-off': 'event source mappings are disabled although nobody has paused them',
  'faulted-groups': 'positions of groups cannot follow; npx twinshore plan says why',
  'faulted-access': 'access rights cannot follow; npx twinshore plan says why',
  differences: 'the last verification found that both clusters do not hold the same; npx twinshore verify says where',
  'lag-seconds': 'records wait for longer than thresholds.lagSeconds',
  'lag-records': 'more records wait than thresholds.lagRecords',
  'time-to-loss': 'retention on the source takes records within thresholds.timeToLossMs that are not replicated',
  'gone-records':
    'retention, or the deletion of a topic, took offsets that were not replicated, and the gap ledger does not name them yet',
  'unmeasured-partitions': 'nobody can tell how far these partitions are behind',
  'source-unreachable': 'no broker of the source answers; the figures are the last ones that are known',
  'not-measured': 'the scheduled function has not measured for three minutes',
  'source-racks': 'partitions of the source would take no records without one rack; npx twinshore racks names them',
  'target-racks': 'partitions of the target would take no records without one rack; npx twinshore racks names them',
  'heartbeat-age': 'for two minutes no heartbeat of the link has travelled from end to end',
  'heartbeat-absent': 'for five minutes the link has not beaten',
  'approval-pending':
    'a failover to the target waits for somebody to approve it; npx twinshore failover --follow shows it',
  'failover-held': 'a failover to the target waits for an operator; npx twinshore failover --follow says why',
  'fence-pending': 'the old active cluster is not fenced yet: what applications write there is stranded',
  'drill-age': 'no drill of a failover to the target went well for too long; run npx twinshore drill',
}

const notesOf = (status: LinkStatusAnswer): readonly string[] => {
  if ('error' in status) return [`${status.link}: ${status.error}`]
  const { link, verdicts, alarms, worst, troubles, unanswered } = status
  const lines = [
    ...verdicts.filter(isRaised).map(verdictText),
    ...agesOf(status),
    ...goneOf(status),
    ...accountsOf(status),
    ...(alarms.length === 0 ? [] : worst.map(worstText)),
    ...[...troubles, ...unanswered].map((trouble) => `  ${trouble}`),
  ]
  return lines.length === 0 ? [] : [[link, ...lines].join('\n')]
}

const verdictText = ({ alarm, value, limit, unit, verdict }: AlarmVerdict): string => {
  if (verdict === 'unanswered') return `  ${alarm}: nobody answered`
  const measure = (count: number): string =>
    unit === 's' ? durationText(count * 1_000) : `${numbers.format(count)} ${unit}`
  const found = value === undefined ? 'none' : measure(value)
  return `  ${alarm}: ${MEANS[alarm]} (${found}, limit ${measure(limit)})`
}

/** Of figures that are not of now. */
const agesOf = ({ at, unseen, unseenSince, failover, verified }: WholeStatus): readonly string[] => [
  ...(unseen > 0 && unseenSince !== undefined
    ? [`  figures of ${unseen} partitions are up to ${durationText(at - unseenSince)} old`]
    : []),
  ...(failover !== undefined && at - failover.at >= OLD_MS
    ? [`  what groups would read again was found out ${durationText(at - failover.at)} ago`]
    : []),
  ...(verified !== undefined && at - verified.at >= LONG_AGO_MS
    ? [`  the last scheduled verification was ${durationText(at - verified.at)} ago`]
    : []),
]

/** It is found out in the same look, as long as the source answers. */
const OLD_MS = 10_000
/** It is scheduled every hour. */
const LONG_AGO_MS = 2 * 3_600_000

const goneOf = ({ lag: { gone } }: LagReport): readonly string[] =>
  gone === 0 ? [] : [`  ${numbers.format(gone)} offsets that were not replicated are gone from the source`]

const accountsOf = ({ accounts }: LagReport): readonly string[] => {
  if (accounts === undefined) return []
  const whole = accountText(accounts.link)
  if (whole === '') return []
  const topics = accounts.topics.slice(0, MOST_TOPICS).map((account) => `    ${account.topic}: ${accountText(account)}`)
  return [`  not on the target, or there besides: ${whole}`, ...topics]
}

const MOST_TOPICS = 5

const accountText = ({ lost, quarantined, filtered, looped, replayed, uncovered = 0, atLeast }: Account): string =>
  (
    [
      [lost, 'lost'],
      [quarantined, 'in quarantine'],
      [replayed, 'put back'],
      [filtered, 'filtered'],
      [looped, 'came from the target'],
      [uncovered, 'on the target that no run covers'],
    ] as const
  )
    .flatMap(([count, what]) => (count === 0 ? [] : [`${atLeast ? 'at least ' : ''}${numbers.format(count)} ${what}`]))
    .join(', ')

const worstText = ({ topic, partition, records, lagMs, gone }: LagReport['worst'][number]): string => {
  const lost = gone === 0 ? '' : `, and ${numbers.format(gone)} offsets before them are gone`
  return `  ${topic}-${partition}: ${numbers.format(records)} records, the oldest for ${durationText(lagMs)}${lost}`
}
