import type { Metric } from './metric.ts'

/** One line of a widget as it is written, without the metric itself. */
export interface LineOptions {
  readonly id?: string
  readonly label?: string
  readonly expression?: string
  readonly stat?: string
  readonly period?: number
  readonly visible?: boolean
  readonly yAxis?: 'left' | 'right'
}

export interface WrittenLine {
  /** Not there for an expression. */
  readonly metric?: Metric
  readonly options: LineOptions
}

/**
 * The metrics of a widget, written out: `.` stands for what the metric before has at the same place, `...` for as much of
 * it as is left out ("Metric widget: format for each metric in the array"). An expression in between does not count.
 */
export const expandedMetrics = (written: readonly (readonly (string | LineOptions)[])[]): readonly WrittenLine[] => {
  let before: readonly string[] = []
  return written.map((line) => {
    const last = line.at(-1)
    const options = typeof last === 'object' ? last : {}
    const words = line.filter((word) => typeof word === 'string')
    if (words.length === 0) return { options }
    before = inFull(words, before)
    return { metric: metricOf(before), options }
  })
}

const inFull = (words: readonly string[], before: readonly string[]): readonly string[] => {
  const dots = words.indexOf('...')
  const left = before.length - (words.length - 1)
  const spread = dots === -1 ? words : [...words.slice(0, dots), ...Array(left).fill('.'), ...words.slice(dots + 1)]
  return spread.map((word, at) => {
    const full = word === '.' ? before[at] : word
    if (full === undefined)
      throw new Error(`reading a dashboard: ${words.join(' ')} repeats what is not there before it`)
    return full
  })
}

const metricOf = ([namespace, name, ...rest]: readonly string[]): Metric => {
  if (namespace === undefined || name === undefined || rest.length % 2 !== 0)
    throw new Error(`reading a dashboard: ${[namespace, name, ...rest].join(' ')} is not a metric`)
  const dimensions = rest.flatMap((key, at) => (at % 2 === 0 ? [[key, rest[at + 1] ?? '']] : []))
  return { namespace, name, dimensions: Object.fromEntries(dimensions) }
}
