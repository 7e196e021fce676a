import jsonata from 'jsonata'
import { StateError } from './asl-errors.ts'

/** What a query can see: `$states`, the variables of the execution, and the time. */
export interface Scope {
  readonly states: Readonly<Record<string, unknown>>
  readonly variables: Readonly<Record<string, unknown>>
  readonly now: number
}

const QUERY = /^\{%([\s\S]*)%\}$/
const compiled = new Map<string, ReturnType<typeof jsonata>>()

const compile = (query: string): ReturnType<typeof jsonata> => {
  const known = compiled.get(query) ?? jsonata(query)
  compiled.set(query, known)
  return known
}

/** The JSONata within `{% %}`; absent for any other text. */
export const queryIn = (text: string): string | undefined => QUERY.exec(text)?.[1]?.trim()

/** A value of a definition with all its queries answered. Throws `States.QueryEvaluationError`. */
export const evaluated = async (value: unknown, scope: Scope): Promise<unknown> => {
  if (typeof value === 'string') {
    const query = queryIn(value)
    return query === undefined ? value : answer(query, scope)
  }
  if (Array.isArray(value)) return Promise.all(value.map((one) => evaluated(one, scope)))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(async ([key, one]) => [key, await evaluated(one, scope)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

/** As in Step Functions a query has to have a value, which is JSON. */
const answer = async (query: string, { states, variables, now }: Scope): Promise<unknown> => {
  const value = await result(query, { ...variables, states, millis: () => now })
  if (value === undefined) throw new StateError('States.QueryEvaluationError', `${query} has no value`)
  return value === null ? null : JSON.parse(JSON.stringify(value))
}

const result = async (query: string, bindings: Record<string, unknown>): Promise<unknown> => {
  try {
    return await compile(query).evaluate({}, bindings)
  } catch (error) {
    const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : ''
    throw new StateError('States.QueryEvaluationError', `${query}: ${message}`)
  }
}

/** The variables that a query reads; the names of functions are none. */
export const variablesOf = (query: string): ReadonlySet<string> => new Set(variablesIn(compile(query).ast()))

const variablesIn = (node: unknown): readonly string[] => {
  if (Array.isArray(node)) return node.flatMap(variablesIn)
  if (typeof node !== 'object' || node === null) return []
  const fields: Readonly<Record<string, unknown>> = { ...node }
  if (fields['type'] === 'function') return variablesIn(fields['arguments'])
  const own = fields['type'] === 'variable' ? [String(fields['value'])] : []
  return [...own, ...Object.values(fields).flatMap(variablesIn)]
}
