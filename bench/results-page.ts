import type { Report } from './bench-part.ts'
import { formatTable, type Table } from './table.ts'

/** A part's last results, and when and where they were taken. */
export interface Section {
  readonly part: string
  readonly about: string
  readonly date: string
  readonly machine: string
  readonly report: Report
}

const TITLE = `# Results

Written by \`npm run bench\`; each part keeps its last results, so their dates may differ. Figures are the median of
the runs, with the lowest and the highest; ratios are taken run by run.
`

const start = (part: string): string => `<!-- part ${part} -->`
const SECTION = /<!-- part (\S+) -->\n[\s\S]*?<!-- end -->\n/g

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

const formatSection = ({ part, about, date, machine, report }: Section): string =>
  `${start(part)}\n## ${part}\n\n${about}.\n\n${date}, on ${machine}.\n\n${formatReport(report)}\n<!-- end -->\n`

/** The page with some sections replaced; sections of parts that no longer exist are dropped. */
export const updatePage = (page: string, sections: readonly Section[], order: readonly string[]): string => {
  const texts = new Map([...page.matchAll(SECTION)].map(([text, part = '']) => [part, text]))
  for (const section of sections) texts.set(section.part, formatSection(section))
  return [TITLE, ...order.flatMap((part) => texts.get(part) ?? [])].join('\n')
}
