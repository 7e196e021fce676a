import { styleText } from 'node:util'
import type { Check, Figures, Json } from './scenarios/scenario.ts'

export interface DemoReport {
  readonly scenario: string
  readonly checks: readonly Check[]
  readonly figures: Figures
  /** Why it broke off, when it did. */
  readonly error?: string
}

/** True only when the scenario came to its end and every check held. */
export const held = ({ checks, error }: DemoReport): boolean =>
  error === undefined && checks.length > 0 && checks.every((check) => check.held)

/** The JSON document of `--json`, on one line. */
export const reportDocument = (report: DemoReport): string => {
  const { scenario, checks, figures, error } = report
  return JSON.stringify({ scenario, held: held(report), checks, ...figures, ...(error !== undefined && { error }) })
}

/** For people, on a stream that shows colours or does not. */
export const reportText = (report: DemoReport, stream: NodeJS.WriteStream): string => {
  const paint = (style: 'green' | 'red' | 'bold', text: string): string => styleText(style, text, { stream })
  const width = Math.max(0, ...report.checks.map(({ name }) => name.length))
  const checks = report.checks.map((check) => {
    const mark = check.held ? paint('green', 'held  ') : paint('red', 'BROKEN')
    return `  ${mark}  ${check.name.padEnd(width)}  ${check.measured} (expected ${check.expected})`
  })
  const single = Object.entries(report.figures).filter(([, value]) => !Array.isArray(value))
  const figures = single.map(([name, value]) => `  ${name.padEnd(20)} ${shown(value)}`)
  const end = held(report)
    ? paint('green', `${report.scenario}: every check held`)
    : paint('red', `${report.scenario}: ${report.error ?? 'not every check held'}`)
  const sections = [
    { title: 'checks', lines: checks },
    { title: 'figures', lines: figures },
  ].filter(({ lines }) => lines.length > 0)
  return [...sections.flatMap(({ title, lines }) => ['', paint('bold', title), ...lines]), '', end, ''].join('\n')
}

const shown = (value: Json): string =>
  typeof value === 'object' && !Array.isArray(value)
    ? Object.entries(value)
        .map(([name, part]) => `${name} ${shown(part)}`)
        .join(', ')
    : String(value)
