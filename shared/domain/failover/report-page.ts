import type { FailoverReport } from './report.ts'
import { approvals, checks, commands, groupTable, lossTable, troubles } from './report-sections.ts'
import { PAGE_STYLE } from './report-style.ts'
import { countText, durationText, escaped, timeText } from './report-text.ts'
import { timelineSvg } from './report-timeline.ts'

/** The drawing is made twice, so that its letters are as large on a phone as elsewhere; the style shows one of them. */
const WIDTHS = { narrow: 340, wide: 900 }

/** One page that needs nothing else: no scripts, and nothing from anywhere. Every text in it is escaped. */
export const reportPage = (report: FailoverReport): string => {
  const title = titleOf(report)
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="color-scheme" content="light dark">',
    `<title>${escaped(title)}</title>`,
    `<style>${PAGE_STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    heading(report, title),
    figures(report),
    section('Timeline', timeline(report)),
    section('What was lost', lossTable(report)),
    section('Consumer groups', groupTable(report)),
    section('Checks', checks(report)),
    section('Who decided', approvals(report)),
    section('What to do next', commands(report)),
    section('What this report does not know', troubles(report)),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

const ENDINGS: Readonly<Record<FailoverReport['ending'], string>> = {
  done: 'done',
  drilled: 'drilled: nothing was changed',
  resting: 'resting: nothing was practised',
  'rolled-back': 'rolled back',
  held: 'held, and ended by an operator',
}

const titleOf = ({ pair, from, to, input, ending }: FailoverReport): string =>
  `${pair}: ${input.mode} from ${from.cluster} to ${to.cluster}, ${ENDINGS[ending]}`

const section = (title: string, body: string): string =>
  body === '' ? '' : `<section>\n<h2>${escaped(title)}</h2>\n${body}\n</section>`

const heading = ({ execution, input, epoch, ending, stoppedAt, endedAt, from, to }: FailoverReport, title: string) => {
  const facts: readonly (readonly [string, string])[] = [
    ['execution', execution.name],
    ['started', timeText(execution.startedAt)],
    ['ended', timeText(endedAt)],
    ['from, to', `${from.cluster} (${from.region}), ${to.cluster} (${to.region})`],
    ['by', input.who],
    ['reason', input.reason],
    ...(epoch === undefined ? [] : [['epoch', String(epoch)] as const]),
    ['positions', input.positions.kind],
    ['stranded tail', input.mode === 'unplanned' ? input.tail : 'none, since it was planned'],
    ...(input.force ? [['forced', 'checks that said no were passed over'] as const] : []),
  ]
  const why =
    stoppedAt === undefined
      ? ''
      : `<p class="why"><strong>${stoppedAt.step}</strong>: ${escaped(stoppedAt.message)}</p>`
  const list = facts.map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`).join('\n')
  return `<header class="${ending}">\n<h1>${escaped(title)}</h1>\n${why}\n<dl>\n${list}\n</dl>\n</header>`
}

/** What everybody looks for first. */
const figures = ({ times, loss, groups, input }: FailoverReport): string => {
  const lost = loss.records === undefined ? 'unknown' : countText(loss.records)
  const again = groups.readAgain === undefined ? 'unknown' : countText(groups.readAgain)
  const shown = (ms: number | undefined): string => (ms === undefined ? '–' : durationText(ms))
  return [
    '<ul class="figures">',
    figure(shown(times.rtoMs), input.mode === 'drill' ? 'recovery time of this drill' : 'recovery time (RTO)'),
    figure(lost, loss.expected ? 'records that would be lost' : 'records lost (RPO)'),
    figure(again, 'records read again'),
    figure(shown(times.unwritableMs), 'nobody could write'),
    figure(shown(times.ownMs), 'of the machine itself'),
    figure(durationText(times.waitedForPeopleMs), 'waiting for people'),
    '</ul>',
  ].join('\n')
}

const figure = (value: string, name: string): string => `<li><b>${escaped(value)}</b><span>${escaped(name)}</span></li>`

const timeline = ({ timeline: bars, times, execution: { startedAt } }: FailoverReport): string => {
  if (bars.length === 0) return ''
  const drawn = Object.entries(WIDTHS).map(
    ([name, width]) => `<div class="${name}">${timelineSvg(bars, times, { width, startedAt })}</div>`,
  )
  const legend =
    '<p class="legend"><i class="done"></i> done <i class="stopped"></i> did not go on <i class="waits"></i> waits for a person, drawn shorter than it was <i class="unwritable"></i> nobody may write <i class="promoted"></i> promoted</p>'
  const told = bars.map(
    ({ step, message, calls }) =>
      `<li><strong>${step}</strong> ${escaped(message)}${calls > 1 ? ` <small>${calls} calls</small>` : ''}</li>`,
  )
  return [...drawn, legend, `<ol class="told">\n${told.join('\n')}\n</ol>`].join('\n')
}
