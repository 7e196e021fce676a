import type { Report } from './bench-part.ts'
import { formatTable, type Table } from './table.ts'

export type Extent = { readonly kind: 'full' } | { readonly kind: 'quick'; readonly sizes: string }

/** A part's last results, and when and where they were taken. */
export interface Section {
  readonly part: string
  readonly about: string
  readonly extent: Extent
  readonly date: string
  readonly machine: string
  readonly report: Report
}

const TITLE = `# Results

Written by \`npm run bench\`; each part keeps its last results, so their dates may differ. Figures are the median of
the runs, with the lowest and the highest; ratios are taken run by run. A part marked as a quick run was small and
short: a first impression, until a full run takes its place.
`

const start = (part: string, { kind }: Extent): string => `<!-- part ${part}${kind === 'quick' ? ' quick' : ''} -->`
const SECTION = /<!-- part (\S+)(?: quick)? -->\n[\s\S]*?<!-- end -->\n/g

const targetsTable = ({ targets }: Report): Table[] =>
  targets.length === 0
    ? []
    : [
        {
          title: 'Against the targets',
          columns: ['target', 'wanted', 'measured', 'held'],
          rows: targets.map(({ what, wanted, measured, held }) => [what, wanted, measured, held ? 'yes' : '**no**']),
        },
      ]

/** What is printed and what the page keeps: the same text. */
export const formatReport = (report: Report): string =>
  [
    ...[...report.tables, ...targetsTable(report)].map(formatTable),
    ...(report.notes.length === 0 ? [] : [report.notes.map((note) => `- ${note}`).join('\n')]),
  ].join('\n\n')

export const formatHeading = ({ part, extent }: Section): string =>
  extent.kind === 'quick' ? `## ${part} (quick run: ${extent.sizes})` : `## ${part}`

const formatSection = (section: Section): string => {
  const { part, about, date, machine, extent, report } = section
  return `${start(part, extent)}\n${formatHeading(section)}\n\n${about}.\n\n${date}, on ${machine}.\n\n${formatReport(report)}\n<!-- end -->\n`
}

const sectionsOf = (page: string): Map<string, string> =>
  new Map([...page.matchAll(SECTION)].map(([text, part = '']) => [part, text]))

/** A quick run never takes the place of a full result. */
export const keepsFullResult = (page: string, { part, extent }: Section): boolean =>
  extent.kind === 'quick' &&
  sectionsOf(page)
    .get(part)
    ?.startsWith(start(part, { kind: 'full' })) === true

/** The page with some sections replaced; sections of parts that no longer exist are dropped. */
export const updatePage = (page: string, sections: readonly Section[], order: readonly string[]): string => {
  const texts = sectionsOf(page)
  for (const section of sections) if (!keepsFullResult(page, section)) texts.set(section.part, formatSection(section))
  return [TITLE, ...order.flatMap((part) => texts.get(part) ?? [])].join('\n')
}
