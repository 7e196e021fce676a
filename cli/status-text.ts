import { styleText } from 'node:util'
import type { LagReport } from '../shared/domain/lag/lag-report.ts'
import type { LagAlarm } from '../shared/domain/lag/lag-verdict.ts'
import { table } from './terminal.ts'

/** How a link stands, as its function says, or why nobody can tell. */
export type LinkStatusAnswer =
  | ({ readonly link: string; readonly alarms: readonly LagAlarm[] } & LagReport)
  | { readonly link: string; readonly error: string }

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

const MEANS: Readonly<Record<LagAlarm, string>> = {
  'lag-seconds': 'records wait for longer than thresholds.lagSeconds',
  'lag-records': 'more records wait than thresholds.lagRecords',
  'time-to-loss': 'retention on the source takes records within thresholds.timeToLossMs that are not replicated',
  'heartbeat-age': 'for two minutes no heartbeat has travelled from end to end',
  'source-unreachable': 'no broker of the source answers; the figures are the last ones that are known',
  'not-measured': 'the scheduled function has not measured for three minutes',
}

const notesOf = (status: LinkStatusAnswer): readonly string[] => {
  if ('error' in status) return [`${status.link}: ${status.error}`]
  const { link, lag, alarms, worst, troubles, unseen, unseenSince, at } = status
  const aged = unseen > 0 && unseenSince !== undefined
  const lines = [
    ...alarms.map((alarm) => `  ${alarm}: ${MEANS[alarm]}`),
    ...(aged ? [`  figures of ${unseen} partitions are up to ${durationText(at - unseenSince)} old`] : []),
    ...(lag.gone === 0
      ? []
      : [`  ${numbers.format(lag.gone)} offsets that were not replicated are gone from the source`]),
    ...(alarms.length === 0 ? [] : worst.map(worstText)),
    ...troubles.map((trouble) => `  ${trouble}`),
  ]
  return lines.length === 0 ? [] : [[link, ...lines].join('\n')]
}

const worstText = ({ topic, partition, records, lagMs, gone }: LagReport['worst'][number]): string => {
  const lost = gone === 0 ? '' : `, and ${numbers.format(gone)} offsets before them are gone`
  return `  ${topic}-${partition}: ${numbers.format(records)} records, the oldest for ${durationText(lagMs)}${lost}`
}
