import type { BinaryOperator } from './math-syntax.ts'
import { finite, type Line, type MathValue } from './math-value.ts'

const OPERATIONS: Readonly<Record<BinaryOperator, (left: number, right: number) => number>> = {
  '||': (left, right) => Number(left !== 0 || right !== 0),
  '&&': (left, right) => Number(left !== 0 && right !== 0),
  '==': (left, right) => Number(left === right),
  '!=': (left, right) => Number(left !== right),
  '<=': (left, right) => Number(left <= right),
  '>=': (left, right) => Number(left >= right),
  '<': (left, right) => Number(left < right),
  '>': (left, right) => Number(left > right),
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '^': (left, right) => left ** right,
}

/**
 * Where one series has a value and the other none, the missing one counts as 0; where neither has, and next to a plain
 * number, there is none. A division by zero gives no data point.
 */
export const combine = (operator: BinaryOperator, left: MathValue, right: MathValue): MathValue => {
  const operation = OPERATIONS[operator]
  if (left.kind === 'scalar' && right.kind === 'scalar')
    return { kind: 'scalar', value: operation(left.value, right.value) }
  if (left.kind === 'lines') return each(left.lines, (line) => combine(operator, line, right))
  if (right.kind === 'lines') return each(right.lines, (line) => combine(operator, left, line))
  const one = left.kind === 'line' ? left.line : right.kind === 'line' ? right.line : undefined
  if (one === undefined) throw new Error(`${operator} stands between ${left.kind} and ${right.kind}`)
  const values = one.values.map((_, at) => {
    const [a, b] = [valueAt(left, at), valueAt(right, at)]
    const isMissing = [left, right].every((side, index) => side.kind !== 'line' || [a, b][index] === undefined)
    return isMissing ? undefined : finite(operation(a ?? 0, b ?? 0))
  })
  return { kind: 'line', line: { ...one, values } }
}

const valueAt = (side: MathValue, at: number): number | undefined => {
  if (side.kind === 'scalar') return side.value
  if (side.kind === 'line') return side.line.values[at]
  throw new Error(`an operator cannot be used on ${side.kind}`)
}

const each = (lines: readonly Line[], change: (line: MathValue) => MathValue): MathValue => ({
  kind: 'lines',
  lines: lines.flatMap((line) => {
    const changed = change({ kind: 'line', line })
    if (changed.kind !== 'line') throw new Error('an operator cannot be used on two arrays of time series')
    return [changed.line]
  }),
})
