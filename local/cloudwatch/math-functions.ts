import { eachLine, finite, lineOf, linesOf, type MathValue, scalarOf } from './math-value.ts'
import type { Grid, Series } from './metric-store.ts'

type MathFunction = (args: readonly MathValue[], grid: Grid, name: string) => MathValue

const existing = (values: Series): number[] => values.filter((value) => value !== undefined)

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

const least = (values: readonly number[]): number => Math.min(...values)

const most = (values: readonly number[]): number => Math.max(...values)

/** Of one series a number over all its values, of an array of series one series over their values at each time. */
const reduced =
  (reduce: (values: readonly number[], all: number) => number): MathFunction =>
  ([value], grid, name) => {
    const lines = linesOf(value, name)
    const [only] = lines
    if (value?.kind === 'line' && only !== undefined)
      return { kind: 'scalar', value: reduce(existing(only.values), only.values.length) }
    return lineOf(
      Array.from({ length: grid.count }, (_, at) => {
        const present = existing(lines.map(({ values }) => values[at]))
        return present.length === 0 ? undefined : finite(reduce(present, lines.length))
      }),
    )
  }

const changed =
  (change: (values: Series, grid: Grid) => Series): MathFunction =>
  ([value], grid, name) =>
    eachLine(value, name, (values) => change(values, grid))

const mapped = (change: (value: number) => number): MathFunction =>
  changed((values) => values.map((value) => (value === undefined ? undefined : change(value))))

/** What lies between a value and the one before it, however many periods are missing between them. */
const fromBefore = (change: (by: number, periods: number) => number): ((values: Series) => Series) => {
  return (values) =>
    values.map((value, at) => {
      const before = values.findLastIndex((other, index) => index < at && other !== undefined)
      const earlier = values[before]
      return value === undefined || earlier === undefined ? undefined : change(value - earlier, at - before)
    })
}

const lastBefore = (values: Series, at: number): number | undefined =>
  values.findLast((value, index) => index < at && value !== undefined)

const interpolated = (values: Series, at: number): number | undefined => {
  const before = values.findLastIndex((value, index) => index < at && value !== undefined)
  const after = values.findIndex((value, index) => index > at && value !== undefined)
  const [from, to] = [values[before], values[after]]
  return from === undefined || to === undefined ? undefined : from + ((to - from) * (at - before)) / (after - before)
}

const filler = (value: MathValue | undefined): ((values: Series, at: number) => number | undefined) => {
  if (value?.kind === 'word' && value.word === 'REPEAT') return lastBefore
  if (value?.kind === 'word' && value.word === 'LINEAR') return interpolated
  if (value?.kind === 'line') return (_, at) => value.line.values[at]
  const number = scalarOf(value, 'FILL')
  return () => number
}

const fill: MathFunction = ([value, by], _, name) => {
  const filled = filler(by)
  return eachLine(value, name, (values) => values.map((each, at) => each ?? filled(values, at)))
}

/** Where the condition has no value there is none; a missing value of the series that is chosen as true is 0. */
const choose: MathFunction = ([condition, whenTrue, whenFalse], _, name) => {
  const branch = (value: MathValue | undefined, at: number, otherwise?: number): number | undefined => {
    if (value === undefined) return undefined
    return value.kind === 'scalar' ? value.value : (linesOf(value, name)[0]?.values[at] ?? otherwise)
  }
  if (condition?.kind === 'scalar')
    return (condition.value !== 0 ? whenTrue : whenFalse) ?? { kind: 'lines', lines: [] }
  return eachLine(condition, name, (values) =>
    values.map((value, at) => {
      if (value === undefined) return undefined
      return value !== 0 ? branch(whenTrue, at, 0) : branch(whenFalse, at)
    }),
  )
}

const end =
  (pick: 0 | -1): MathFunction =>
  ([value], _, name) => {
    const line = linesOf(value, name).at(pick)
    return line === undefined ? { kind: 'lines', lines: [] } : { kind: 'line', line }
  }

/** What a series is sorted by; one without values comes last. */
const SORTED_BY: Readonly<Record<string, (values: readonly number[]) => number>> = {
  AVG: (values) => total(values) / values.length,
  MAX: most,
  MIN: least,
  SUM: total,
}

const sort: MathFunction = ([value, by, order, limit], _, name) => {
  const rank = by?.kind === 'word' ? SORTED_BY[by.word] : undefined
  if (rank === undefined || order?.kind !== 'word') throw new Error(`${name} needs a function and an order`)
  const sign = order.word === 'DESC' ? -1 : 1
  const [full, empty] = [true, false].map((has) =>
    linesOf(value, name).filter(({ values }) => existing(values).length > 0 === has),
  )
  const sorted = (full ?? []).toSorted((a, b) => sign * (rank(existing(a.values)) - rank(existing(b.values))))
  const count = limit === undefined ? undefined : scalarOf(limit, name)
  return { kind: 'lines', lines: [...sorted, ...(empty ?? [])].slice(0, count) }
}

/** Of "Using metric math" in the CloudWatch User Guide, by name, as far as alarms and dashboards need them. */
const FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  ABS: mapped(Math.abs),
  AVG: (args, grid, name) => {
    const isLine = args[0]?.kind === 'line'
    return reduced((values, all) => total(values) / (isLine ? values.length : all))(args, grid, name)
  },
  CEIL: mapped(Math.ceil),
  DATAPOINT_COUNT: reduced((values) => values.length),
  DIFF: changed(fromBefore((by) => by)),
  FILL: fill,
  FIRST: end(0),
  FLOOR: mapped(Math.floor),
  IF: choose,
  LAST: end(-1),
  MAX: reduced(most),
  METRIC_COUNT: ([value], _, name) => ({ kind: 'scalar', value: linesOf(value, name).length }),
  MIN: reduced(least),
  PERIOD: (_, { periodMs }) => ({ kind: 'scalar', value: periodMs / 1_000 }),
  RATE: changed((values, { periodMs }) => fromBefore((by, periods) => by / ((periods * periodMs) / 1_000))(values)),
  REMOVE_EMPTY: ([value], _, name) => ({
    kind: 'lines',
    lines: linesOf(value, name).filter(({ values }) => existing(values).length > 0),
  }),
  SORT: sort,
  SUM: reduced(total),
  TIME_SERIES: ([value], { count }, name) => lineOf(Array.from({ length: count }, () => scalarOf(value, name))),
}

export const mathFunction = (name: string): MathFunction => {
  const found = FUNCTIONS[name]
  if (found === undefined) throw new Error(`the function ${name} of metric math is not supported`)
  return found
}
