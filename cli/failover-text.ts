import type { PreflightReport } from '../shared/domain/failover/preflight-report.ts'
import type { FailoverReport } from '../shared/domain/failover/report.ts'
import { countText, durationText, timeText } from '../shared/domain/failover/report-text.ts'
import { red, table } from './terminal.ts'

/** What is to be approved: every check with its value. */
export const describePreflight = (
  { from, to, epoch, mode, checks, passed, loss }: PreflightReport,
  hash: string,
): string => {
  const rows = checks.map(({ verdict, name, measured, limit, detail, forced = false }) => [
    verdict,
    name,
    measured,
    `${limit}${detail === '' ? '' : `; ${detail}`}${forced ? '; forced' : ''}`,
  ])
  return [
    `${mode}: from ${from} to ${to}, which will be the active cluster in epoch ${epoch}`,
    '',
    table([['verdict', 'check', 'measured', 'limit'], ...rows]),
    '',
    ...(loss === undefined ? [] : [red(lossText(loss))]),
    passed ? 'the preflight passes' : red('the preflight does not pass'),
    `its hash is ${hash}`,
  ].join('\n')
}

const lossText = ({ records, knownAt, topics }: NonNullable<PreflightReport['loss']>): string => {
  const since = knownAt === undefined ? '' : `, and what the source took after ${timeText(knownAt)}`
  const of = topics.map(({ topic, records: count }) => `${topic} ${countText(count)}`)
  const count = records === undefined ? 'an unknown number of' : countText(records)
  return `${count} records would be lost${since}${of.length === 0 ? '' : `: ${of.slice(0, 10).join(', ')}`}`
}

/** What there is to know first, and where the rest is. */
export const describeReport = (report: FailoverReport, place: string): string => {
  const { pair, input, from, to, ending, stoppedAt, times, loss, groups, next, troubles } = report
  const known = (ms: number | undefined): string => (ms === undefined ? '-' : durationText(ms))
  const count = (records: number | undefined): string => (records === undefined ? 'unknown' : countText(records))
  const figures = [
    [loss.expected ? 'would be lost' : 'lost', `${count(loss.records)} records`],
    ['read again', `${count(groups.readAgain)} records`],
    ['recovery time', known(times.rtoMs)],
    ['of the machine', known(times.ownMs)],
    ['no writes', known(times.unwritableMs)],
    ['groups', `${countText(groups.positions)} positions of ${countText(groups.groups)} groups`],
    ['report', place.replace(/\.json$/, '.html')],
  ]
  return [
    `${pair}: ${input.mode} from ${from.cluster} to ${to.cluster}: ${ending}`,
    ...(stoppedAt === undefined ? [] : [`${stoppedAt.step}: ${stoppedAt.message}`]),
    '',
    table(figures),
    ...troubles.map((trouble) => `not in the report: ${trouble}`),
    ...(next.length === 0 ? [] : ['', 'next']),
    ...next.map(({ what, command }) => `  ${command}\n    ${what}`),
  ].join('\n')
}
