import type { Series } from './metric-store.ts'

/** A time series with what a graph calls it. */
export interface Line {
  readonly id: string
  readonly label: string
  readonly values: Series
}

/** The three types of metric math (S, TS and TS[] in the documentation), and words and texts that functions take. */
export type MathValue =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'line'; readonly line: Line }
  | { readonly kind: 'lines'; readonly lines: readonly Line[] }
  | { readonly kind: 'word'; readonly word: string }

export const lineOf = (values: Series, of?: Line): MathValue => ({
  kind: 'line',
  line: { id: of?.id ?? '', label: of?.label ?? '', values },
})

/** A division by zero, and what else is no number, is no data point. */
export const finite = (value: number | undefined): number | undefined =>
  value !== undefined && Number.isFinite(value) ? value : undefined

export const linesOf = (value: MathValue | undefined, what: string): readonly Line[] => {
  if (value?.kind === 'lines') return value.lines
  if (value?.kind === 'line') return [value.line]
  throw new Error(`${what} needs a time series, and was given ${value?.kind ?? 'nothing'}`)
}

export const scalarOf = (value: MathValue | undefined, what: string): number => {
  if (value?.kind === 'scalar') return value.value
  throw new Error(`${what} needs a number, and was given ${value?.kind ?? 'nothing'}`)
}

/** The same done to each series of a value, which stays one series or an array of them. */
export const eachLine = (value: MathValue | undefined, what: string, change: (values: Series) => Series): MathValue => {
  const changed = linesOf(value, what).map((line) => ({ ...line, values: change(line.values) }))
  const [only] = changed
  return value?.kind === 'line' && only !== undefined ? { kind: 'line', line: only } : { kind: 'lines', lines: changed }
}
