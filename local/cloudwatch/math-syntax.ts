import { type MathReader, mathReader } from './math-tokens.ts'

export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<=' | '>=' | '<' | '>' | '+' | '-' | '*' | '/' | '^'

export type MathExpression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly text: string }
  /** The id of a metric or of another expression; ids begin with a lowercase letter. */
  | { readonly kind: 'id'; readonly id: string }
  /** A word of a function, such as REPEAT. */
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'list'; readonly items: readonly MathExpression[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly MathExpression[] }
  | { readonly kind: 'negated'; readonly operand: MathExpression }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: MathExpression
      readonly right: MathExpression
    }

/** From the loosest binding to the tightest. */
const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/'],
  ['^'],
]

/** The syntax of "Using metric math" in the CloudWatch User Guide. Throws, with the expression, on what is not of it. */
export const parseMath = (source: string): MathExpression => {
  const reader = mathReader(source)
  const expression = level(reader, 0)
  return reader.isOver() ? expression : reader.fail()
}

const level = (reader: MathReader, depth: number): MathExpression => {
  const operators = LEVELS[depth]
  if (operators === undefined) return operand(reader)
  let left = level(reader, depth + 1)
  for (let operator = operators.find(reader.took); operator !== undefined; operator = operators.find(reader.took))
    left = { kind: 'binary', operator, left, right: level(reader, depth + 1) }
  return left
}

const operand = (reader: MathReader): MathExpression => {
  if (reader.took('-')) return { kind: 'negated', operand: operand(reader) }
  if (reader.took('[')) return { kind: 'list', items: itemsUntil(']', reader) }
  if (reader.took('(')) {
    const inner = level(reader, 0)
    reader.skip(')')
    return inner
  }
  const { kind, text } = reader.next()
  if (kind === 'number') return { kind, value: Number(text) }
  if (kind === 'text') return { kind, text }
  if (kind === 'sign') throw new Error(`reading an expression: ${text} was not expected`)
  if (reader.took('(')) return { kind: 'call', name: text, args: itemsUntil(')', reader) }
  return /^[a-z]/.test(text) ? { kind: 'id', id: text } : { kind, word: text }
}

const itemsUntil = (end: string, reader: MathReader): MathExpression[] => {
  if (reader.took(end)) return []
  const items = [level(reader, 0)]
  while (reader.took(',')) items.push(level(reader, 0))
  reader.skip(end)
  return items
}

type Call = Extract<MathExpression, { readonly kind: 'call' }>

/** Every function that an expression calls, the outer ones first. */
export const callsIn = (expression: MathExpression): readonly Call[] => {
  switch (expression.kind) {
    case 'call':
      return [expression, ...expression.args.flatMap(callsIn)]
    case 'list':
      return expression.items.flatMap(callsIn)
    case 'negated':
      return callsIn(expression.operand)
    case 'binary':
      return [expression.left, expression.right].flatMap(callsIn)
    default:
      return []
  }
}
