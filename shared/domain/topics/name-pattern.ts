/**
 * Names and patterns of topics and settings. A checked pattern is kept as the text of an expression that matches whole
 * names only, since a `RegExp` gets lost in JSON.
 */
export type NamePattern = string | RegExp

const SPECIAL = /[.*+?^${}()|[\]\\]/g

/** The text of an expression that matches just the name, or what the pattern matches as a whole. */
export const anchored = (name: NamePattern): string =>
  typeof name === 'string' ? `^${name.replaceAll(SPECIAL, '\\$&')}$` : `^(?:${name.source})$`

const expressions = new Map<string, RegExp>()

/** Expressions are few, and each is asked about every topic of a cluster: compiled once. */
const compiled = (expression: string): RegExp => {
  const known = expressions.get(expression) ?? new RegExp(expression)
  expressions.set(expression, known)
  return known
}

export const matches = (expression: string, name: string): boolean => compiled(expression).test(name)

/** `matched`: texts as `anchored` makes them. */
export const isMatched = (name: string, matched: readonly string[]): boolean =>
  matched.some((expression) => matches(expression, name))

/** Ends the literal beginning of an expression; what is before a quantifier may be absent. */
const LITERAL_BEGINNING = /^\^(?:\(\?:)?((?:[a-zA-Z0-9_-]|\\[.-])*)(.*)$/s
const OPTIONAL = /^[*?{]/

/**
 * What every name that matches begins with, as far as it is plain to see; often nothing.
 *
 *   ^(?:payments\..+)$   payments.
 *   ^(?:a|b)$            nothing
 */
export const literalBeginning = (expression: string): string => {
  const [, escaped = '', rest = ''] = LITERAL_BEGINNING.exec(expression) ?? []
  if (hasAlternatives(expression)) return ''
  const beginning = escaped.replaceAll(/\\(.)/g, '$1')
  return OPTIONAL.test(rest) ? beginning.slice(0, -1) : beginning
}

/** An alternative anywhere may replace the beginning; which one does is not worth finding out. */
const hasAlternatives = (expression: string): boolean => expression.includes('|')

/** Whether it matches every name that begins like this; where that is not plain to see, it does not. */
export const matchesAllFrom = (expression: string, beginning: string): boolean => {
  const open = /^\^\(\?:(.*)\.\*\)\$$/s.exec(expression)?.[1]
  if (open === undefined) return false
  const literal = literalBeginning(expression)
  return anchored(literal) === `^${open}$` && beginning.startsWith(literal)
}
