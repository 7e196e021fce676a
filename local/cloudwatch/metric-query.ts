import { mathFunction } from './math-functions.ts'
import { combine } from './math-operators.ts'
import type { MathExpression } from './math-syntax.ts'
import { eachLine, type Line, linesOf, type MathValue, scalarOf } from './math-value.ts'
import type { Grid, MetricStat, MetricStore } from './metric-store.ts'
import { found } from './search-expression.ts'

/** One line of an alarm or of a widget: a metric, or an expression over the others. */
export type MetricQuery =
  | { readonly kind: 'metric'; readonly id: string; readonly label: string; readonly stat: MetricStat }
  | { readonly kind: 'expression'; readonly id: string; readonly label: string; readonly expression: MathExpression }

/** The series that the query `id` gives: one for a metric, and for an expression as many as it has for its result. */
export const linesFor = (
  id: string,
  queries: readonly MetricQuery[],
  store: MetricStore,
  grid: Grid,
): readonly Line[] => {
  const value = createMath(queries, store, grid).ofQuery(id, [])
  if (value.kind === 'scalar') throw new Error(`the expression ${id} gives a number, and must give a time series`)
  return linesOf(value, id)
}

const createMath = (queries: readonly MetricQuery[], store: MetricStore, grid: Grid) => {
  const metric = (id: string, label: string, stat: MetricStat): Line => ({
    id,
    label,
    values: store.series(stat, grid),
  })

  const ofQuery = (id: string, within: readonly string[]): MathValue => {
    const query = queries.find((each) => each.id === id)
    if (query === undefined) throw new Error(`there is no metric or expression ${id}`)
    if (within.includes(id)) throw new Error(`the expression ${id} rests on itself`)
    if (query.kind === 'metric') return { kind: 'line', line: metric(id, query.label, query.stat) }
    const value = evaluate(query.expression, [...within, id])
    return value.kind === 'line' ? { kind: 'line', line: { ...value.line, id, label: query.label } } : value
  }

  const evaluate = (expression: MathExpression, within: readonly string[]): MathValue => {
    switch (expression.kind) {
      case 'number':
        return { kind: 'scalar', value: expression.value }
      case 'text':
        return { kind: 'word', word: expression.text }
      case 'word':
        return expression
      case 'id':
        return ofQuery(expression.id, within)
      case 'list':
        return { kind: 'lines', lines: expression.items.flatMap((item) => linesOf(evaluate(item, within), '[ ]')) }
      case 'negated':
        return negated(evaluate(expression.operand, within))
      case 'binary':
        return combine(expression.operator, evaluate(expression.left, within), evaluate(expression.right, within))
      case 'call':
        return call(
          expression.name,
          expression.args.map((arg) => evaluate(arg, within)),
        )
    }
  }

  const call = (name: string, args: readonly MathValue[]): MathValue => {
    const [first, statistic] = args.map((arg) => (arg.kind === 'word' ? arg.word : undefined))
    if (name === 'METRICS') return { kind: 'lines', lines: allMetrics(first ?? '') }
    if (name !== 'SEARCH') return mathFunction(name)(args, grid, name)
    if (first === undefined || statistic === undefined) throw new Error('SEARCH needs two texts')
    const metrics = found(first, store.metrics())
    return { kind: 'lines', lines: metrics.map((each) => metric('', labelOf(each), { metric: each, statistic })) }
  }

  /** "METRICS() returns all metrics in the request; expressions are not included"; with a text, those with it in their id. */
  const allMetrics = (part: string): readonly Line[] =>
    queries.flatMap((query) =>
      query.kind === 'metric' && query.id.includes(part) ? [metric(query.id, query.label, query.stat)] : [],
    )

  return { ofQuery }
}

const labelOf = ({ name, dimensions }: MetricStat['metric']): string => [...Object.values(dimensions), name].join(' ')

const negated = (value: MathValue): MathValue =>
  value.kind === 'scalar'
    ? { kind: 'scalar', value: -scalarOf(value, '-') }
    : eachLine(value, '-', (values) => values.map((each) => (each === undefined ? undefined : -each)))
