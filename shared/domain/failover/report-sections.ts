import { CHECK_RULES, kindOf } from './preflight-check.ts'
import type { FailoverReport } from './report.ts'
import { countText, durationText, escaped, timeText } from './report-text.ts'

/** Of lists that may be thousands long; all of it is in the JSON beside the page. */
const MOST_ROWS = 100

type Cell = string | { readonly number: string } | { readonly mark: string }

const table = (heads: readonly string[], rows: readonly (readonly Cell[])[], name: string): string => {
  const left = rows.length - MOST_ROWS
  return [
    `<div class="scroll"><table class="${name}">`,
    `<thead><tr>${heads.map((head, at) => columnHead(head, rows[0]?.[at])).join('')}</tr></thead>`,
    '<tbody>',
    ...rows.slice(0, MOST_ROWS).map((row) => `<tr>${row.map(cell).join('')}</tr>`),
    '</tbody></table></div>',
    ...(left > 0 ? [`<p>and ${countText(left)} more, which are in the JSON document</p>`] : []),
  ].join('\n')
}

/** As the cells below it are aligned. */
const columnHead = (head: string, below: Cell | undefined): string => {
  const kind = typeof below === 'object' && 'number' in below ? ' class="number"' : ''
  return `<th scope="col"${kind}>${escaped(head)}</th>`
}

const cell = (content: Cell): string => {
  if (typeof content === 'string') return `<td>${escaped(content)}</td>`
  if ('number' in content) return `<td class="number">${escaped(content.number)}</td>`
  return `<td><span class="mark ${escaped(content.mark)}">${escaped(content.mark)}</span></td>`
}

export const lossTable = ({ loss, input }: FailoverReport): string => {
  const rows = loss.topics.map(({ topic, records, lossMs }) => [
    topic,
    { number: countText(records) },
    { number: lossMs === undefined ? 'unknown' : durationText(lossMs) },
  ])
  const total = loss.records === undefined ? 'Nobody knows how many records' : `${countText(loss.records)} records`
  const tense = loss.expected ? 'would be lost' : 'are on the old cluster alone'
  const since =
    loss.knownAt === undefined
      ? ''
      : ` The source was last heard of at ${timeText(loss.knownAt)}; what it took after that is counted with its stranded tail (${input.tail}), as soon as it can be reached.`
  const said = `<p>${total} ${tense}.${escaped(since)}</p>`
  return rows.length === 0 ? said : `${said}\n${table(['topic', 'records', 'time'], rows, 'loss')}`
}

export const groupTable = ({ groups }: FailoverReport): string => {
  const { message, positions, places, readAgain, skipped, because } = groups
  const told = message === undefined ? '' : `<p>${escaped(message)}</p>`
  const count = (records: number | undefined): string => (records === undefined ? 'unknown' : countText(records))
  const read = `<p>Read again: ${count(readAgain)}, skipped: ${count(skipped)} (${escaped(because)}).</p>`
  const rows = places.map(({ group, topic, partition, before, after }) => [
    group,
    `${topic}-${partition}`,
    { number: before ?? '–' },
    { number: after },
  ])
  if (rows.length === 0) return `${told}\n${read}`
  const heads = ['group', 'partition', 'offset before', 'offset after']
  const all = `<p>${countText(positions)} positions of ${countText(groups.groups)} groups.</p>`
  return [told, read, all, table(heads, rows, 'groups')].join('\n')
}

export const checks = ({ preflights, input }: FailoverReport): string => {
  const last = preflights.at(-1)
  if (last === undefined) return '<p>It did not come to a preflight.</p>'
  const { report, hash } = last
  const rows = report.checks.map(({ name, measured, limit, verdict, detail, forced = false }) => [
    name,
    { mark: verdict },
    measured,
    limit,
    [detail, ...(forced ? ['forced'] : []), ...(CHECK_RULES[name][kindOf(input.mode)] === 'advises' ? ['advice'] : [])]
      .filter((text) => text !== '')
      .join('; '),
  ])
  const passed = report.passed ? 'Passed' : 'Did not pass'
  const made = preflights.length === 1 ? '' : `, preflight ${preflights.length} of this execution`
  const said = `<p>${passed} at ${timeText(report.at)}${made}; its hash is <code>${escaped(hash)}</code>.</p>`
  return `${said}\n${table(['check', 'verdict', 'measured', 'limit', 'why'], rows, 'checks')}`
}

export const approvals = ({ decisions, input }: FailoverReport): string => {
  const beforehand =
    input.approved === undefined
      ? ''
      : `<p>Approved beforehand by ${escaped(input.who)}: <code>${escaped(input.approved)}</code>.</p>`
  const rows = decisions.map(({ do: what, by, at, hash }) => [timeText(at), what, by, hash ?? ''])
  if (rows.length === 0) return beforehand === '' ? '<p>Nobody was asked.</p>' : beforehand
  return [beforehand, table(['when', 'what', 'who', 'preflight'], rows, 'decisions')].join('\n')
}

export const commands = ({ next }: FailoverReport): string =>
  next.map(({ what, command }) => `<p>${escaped(what)}</p>\n<pre><code>${escaped(command)}</code></pre>`).join('\n')

export const troubles = ({ troubles: untold }: FailoverReport): string =>
  untold.length === 0 ? '' : `<ul>\n${untold.map((trouble) => `<li>${escaped(trouble)}</li>`).join('\n')}\n</ul>`
