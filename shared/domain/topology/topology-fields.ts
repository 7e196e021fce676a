import { type Mistake, mistakeIf } from './topology-mistake.ts'

/**
 * Node runs a topology without looking at its types, and a part of it may come from elsewhere: a misspelt or missing
 * field has to be found here, or it would be ignored in silence.
 */
type Kind =
  | 'text'
  | 'number'
  | 'flag'
  | 'texts'
  | 'names'
  | 'object'
  | 'list'
  | 'two'
  | 'pollers'
  | 'replicas'
  | 'deletion'
  | 'principals'
  | 'choices'
  | 'approval'
type FieldsOf<T> = T extends unknown ? keyof T : never
export type Shape<T> = Readonly<Record<FieldsOf<T>, Kind | `${Kind}?`>>
export type AnyShape = Readonly<Record<string, Kind | `${Kind}?`>>

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText)
const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.every((name) => isText(name) || name instanceof RegExp)
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)
export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const IS_KIND: Readonly<Record<Kind, readonly [wanted: string, is: (value: unknown) => boolean]>> = {
  text: ['a text', isText],
  number: ['a number', isNumber],
  flag: ['true or false', (value) => typeof value === 'boolean'],
  texts: ['a list of texts', isTexts],
  names: ['a list of texts and regular expressions', isNames],
  two: ['a list of two texts', (value) => isTexts(value) && value.length === 2],
  object: ['an object', isObject],
  list: ['a list', Array.isArray],
  pollers: ["'on-demand' or { minimum, maximum, group? }", (value) => value === 'on-demand' || isObject(value)],
  replicas: ["'inherit' or a number", (value) => value === 'inherit' || isNumber(value)],
  principals: [
    "an object of texts, { 'User:a': 'User:b' }",
    (value) => isObject(value) && Object.values(value).every(isText),
  ],
  choices: [
    'a choice or a list of them',
    (value) => isObject(value) || (Array.isArray(value) && value.every(isObject)),
  ],
  approval: ["'none' or { expiresMs }", (value) => value === 'none' || isObject(value)],
  deletion: ["'keep' or { deleteAfterDays }", (value) => value === 'keep' || isObject(value)],
}

/** Fields that are missing or of another kind. */
export const misfits = (path: string, value: unknown, shape: AnyShape): readonly Mistake[] => {
  if (!isObject(value)) return mistakeIf(true, path, 'must be an object', 'write it as { … }')
  const fields = new Map<string, unknown>(Object.entries(value))
  return Object.entries(shape).flatMap(([name, kind]) => {
    const field = fields.get(name)
    if (field === undefined && kind.endsWith('?')) return []
    const [wanted, is] = IS_KIND[kind.replace('?', '') as Kind]
    const missing = field === undefined ? ', and is missing' : ''
    return mistakeIf(!is(field), `${path}.${name}`, `must be ${wanted}${missing}`, `write ${name} as ${wanted}`)
  })
}

/** Fields that nobody reads. */
export const strangers = (path: string, value: unknown, shape: AnyShape): readonly Mistake[] =>
  Object.keys(isObject(value) ? value : {})
    .filter((name) => !(name in shape))
    .map((name) => ({
      path: `${path}.${name}`,
      reason: 'there is no such field',
      remedy: `leave it out; there are ${Object.keys(shape).join(', ')}`,
    }))

/** A part of a topology as it was written, and what it should look like. */
export interface Part {
  readonly path: string
  readonly value: unknown
  readonly shape: AnyShape
}

/** A part that may be left out, or that is a mistake of the whole when it is no object. */
export const optional = (path: string, value: unknown, shape: AnyShape): readonly Part[] =>
  isObject(value) ? [{ path, value, shape }] : []

/** Whether the other checks, and the defaults, can make something of it. */
export const isUsable = (parts: readonly Part[]): boolean =>
  parts.every(({ path, value, shape }) => misfits(path, value, shape).length === 0)
