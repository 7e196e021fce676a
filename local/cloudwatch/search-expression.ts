import { isMatch, type Metric, type MetricPattern } from './metric.ts'

const SCHEMA = /^\s*\{\s*([^}]*)\}\s*(.*)$/s
const TERM = /\s*(?:AND\s+)?(:?\w+|"[^"]+")\s*=\s*(?:"([^"]*)"|\(\s*("[^"]*"(?:\s+OR\s+"[^"]*")*)\s*\))/gy

const unquoted = (text: string): string => text.trim().replace(/^"(.*)"$/, '$1')

/**
 * What a search asks for: a schema, and exact values of the metric's name and of dimensions, as in
 * `{Twinshore,link,topic} MetricName="LagSeconds" link="west-east"`; `(… OR …)` in place of a value is understood.
 * Partial matches, NOT, and searches without a schema are refused. Rules: "CloudWatch search expression syntax".
 */
export const parseSearch = (search: string): readonly MetricPattern[] => {
  const [, schema, terms] = SCHEMA.exec(search) ?? []
  const [namespace, ...keys] = schema?.split(',').map(unquoted) ?? []
  if (namespace === undefined || terms === undefined)
    throw new Error(`reading the search ${search}: a search without a schema is not supported`)
  const values = termsIn(terms, search)
  const unknown = [...values.keys()].find((key) => key !== 'MetricName' && !keys.includes(key))
  if (unknown !== undefined) throw new Error(`reading the search ${search}: ${unknown} is not in its schema`)
  const of = (key: string): readonly (string | undefined)[] => values.get(key) ?? [undefined]
  const dimensions = keys.reduce<readonly Record<string, string | undefined>[]>(
    (all, key) => all.flatMap((rest) => of(key).map((value) => ({ ...rest, [key]: value }))),
    [{}],
  )
  const names = values.get('MetricName')
  if (names === undefined) throw new Error(`reading the search ${search}: it names no metric`)
  return names.flatMap((name) => dimensions.map((each) => ({ namespace, name, dimensions: each })))
}

const termsIn = (terms: string, search: string): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, readonly string[]>()
  TERM.lastIndex = 0
  while (TERM.lastIndex < terms.trimEnd().length) {
    const from = TERM.lastIndex
    const [, key, one, several] = TERM.exec(terms) ?? []
    if (key === undefined) throw new Error(`reading the search ${search}: ${terms.slice(from)} is not supported`)
    found.set(unquoted(key), one === undefined ? (several ?? '').split(/\s+OR\s+/).map(unquoted) : [one])
  }
  return found
}

/** The metrics that a search finds. One with other dimensions than those of the schema is not among them. */
export const found = (search: string, metrics: readonly Metric[]): readonly Metric[] => {
  const patterns = parseSearch(search)
  return metrics.filter((metric) => patterns.some((pattern) => isMatch(pattern, metric)))
}
