import { mathFunction } from './math-functions.ts'
import { combine } from './math-operators.ts'
import type { MathExpression } from './math-syntax.ts'
import { eachLine, type Line, linesOf, type MathValue } from './math-value.ts'
import type { Metric } from './metric.ts'
import type { Grid, MetricStat, MetricStore } from './metric-store.ts'
import { found } from './search-expression.ts'

/** One line of an alarm or of a widget: a metric, or an expression over the others. */
export type MetricQuery =
  | { readonly kind: 'metric'; readonly id: string; readonly label: string; readonly stat: MetricStat }
  | { readonly kind: 'expression'; readonly id: string; readonly label: string; readonly expression: MathExpression }

/** All queries of an alarm or of a widget, and what they are answered from. */
interface Request {
  readonly queries: readonly MetricQuery[]
  readonly store: MetricStore
  readonly grid: Grid
}

/** The series that the query `id` gives: one for a metric, and for an expression as many as it has for its result. */
export const linesFor = (
  id: string,
  queries: readonly MetricQuery[],
  store: MetricStore,
  grid: Grid,
): readonly Line[] => {
  const value = ofQuery(id, [], { queries, store, grid })
  if (value.kind === 'scalar') throw new Error(`the expression ${id} gives a number, and must give a time series`)
  return linesOf(value, id)
}

/** `within` are the expressions on the way to this one. */
const ofQuery = (id: string, within: readonly string[], request: Request): MathValue => {
  const query = request.queries.find((each) => each.id === id)
  if (query === undefined) throw new Error(`there is no metric or expression ${id}`)
  if (within.includes(id)) throw new Error(`the expression ${id} rests on itself`)
  if (query.kind === 'metric') return { kind: 'line', line: metricLine(query, request) }
  const value = evaluate(query.expression, [...within, id], request)
  return value.kind === 'line' ? { kind: 'line', line: { ...value.line, id, label: query.label } } : value
}

const metricLine = (
  { id, label, stat }: { readonly id: string; readonly label: string; readonly stat: MetricStat },
  { store, grid }: Request,
): Line => ({ id, label, values: store.series(stat, grid) })

const evaluate = (expression: MathExpression, within: readonly string[], request: Request): MathValue => {
  const inner = (each: MathExpression): MathValue => evaluate(each, within, request)
  switch (expression.kind) {
    case 'number':
      return { kind: 'scalar', value: expression.value }
    case 'text':
      return { kind: 'word', word: expression.text }
    case 'word':
      return expression
    case 'id':
      return ofQuery(expression.id, within, request)
    case 'list':
      return { kind: 'lines', lines: expression.items.flatMap((item) => linesOf(inner(item), '[ ]')) }
    case 'negated':
      return negated(inner(expression.operand))
    case 'binary':
      return combine(expression.operator, inner(expression.left), inner(expression.right))
    case 'call':
      return call(expression.name, expression.args.map(inner), request)
  }
}

const negated = (value: MathValue): MathValue =>
  value.kind === 'scalar'
    ? { kind: 'scalar', value: -value.value }
    : eachLine(value, '-', (values) => values.map((each) => (each === undefined ? undefined : -each)))

const call = (name: string, args: readonly MathValue[], request: Request): MathValue => {
  const [first, second] = args.map((arg) => (arg.kind === 'word' ? arg.word : undefined))
  if (name === 'METRICS') return { kind: 'lines', lines: allMetrics(first ?? '', request) }
  if (name !== 'SEARCH') return mathFunction(name)(args, request.grid, name)
  if (first === undefined || second === undefined) throw new Error('SEARCH needs two texts')
  return { kind: 'lines', lines: searched(first, second, request) }
}

/** All metrics next to the expression, but no other expressions; with a text, those that have it in their id. */
const allMetrics = (part: string, request: Request): readonly Line[] =>
  request.queries.flatMap((query) =>
    query.kind === 'metric' && query.id.includes(part) ? [metricLine(query, request)] : [],
  )

const searched = (search: string, statistic: string, request: Request): readonly Line[] =>
  found(search, request.store.metrics()).map((metric) =>
    metricLine({ id: '', label: labelOf(metric), stat: { metric, statistic } }, request),
  )

const labelOf = ({ name, dimensions }: Metric): string => [...Object.values(dimensions), name].join(' ')
