import { styleText } from 'node:util'

/** How a command ends: 0 all is well, 1 something did not succeed, 2 the command was not understood. */
export type ExitCode = 0 | 1 | 2

/** Where a command writes: results to standard output, everything about getting there to standard error. */
export interface Terminal {
  result(text: string): void
  note(text: string): void
}

export const terminal: Terminal = {
  result: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
}

/** Offsets are bigint, and JSON has none: they become texts, which lose nothing. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? part.toString() : part))

/** Columns as wide as their widest cell. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Colours only where a person looks: `styleText` heeds NO_COLOR and whether the stream is a terminal. */
export const red = (text: string): string => styleText('red', text, { stream: process.stderr })
