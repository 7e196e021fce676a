/** Cells are finished texts; the first column is aligned left, the others right. */
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const widthsOf = ({ columns, rows }: Table): number[] =>
  columns.map((column, at) => Math.max(column.length, ...rows.map((row) => (row[at] ?? '').length)))

/** A Markdown table whose source reads like a table too. */
export const formatTable = (table: Table): string => {
  const widths = widthsOf(table)
  const pad = (cell: string, at: number): string =>
    at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)
  const line = (cells: readonly string[]): string =>
    `| ${table.columns.map((_, at) => pad(cells[at] ?? '', at)).join(' | ')} |`
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [`**${table.title}**`, '', line(table.columns), rule, ...table.rows.map(line)].join('\n')
}
