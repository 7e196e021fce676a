import type { Limit } from './topology-limits.ts'

/** Something in a topology that would not work, found before anything is deployed. */
export interface Mistake {
  /** As it is written in TypeScript: `links[2].batchSize`. */
  readonly path: string
  readonly reason: string
  readonly remedy: string
}

const figure = (value: number): string => value.toLocaleString('en-US')

/** One mistake or none; spread into the list of all. */
export const mistakeIf = (wrong: boolean, path: string, reason: string, remedy: string): readonly Mistake[] =>
  wrong ? [{ path, reason, remedy }] : []

/** A whole number outside of its limit. */
export const outside = (path: string, value: number, { min = 1, max, unit, because }: Limit): readonly Mistake[] =>
  mistakeIf(
    !Number.isInteger(value) || value < min || value > max,
    path,
    `${figure(value)} is outside of ${figure(min)} to ${figure(max)} ${unit} (${because})`,
    'choose a whole number within',
  )

export const tooMany = (path: string, count: number, { min = 0, max, unit, because }: Limit): readonly Mistake[] =>
  mistakeIf(
    count < min || count > max,
    path,
    `${figure(count)} ${unit} are outside of ${figure(min)} to ${figure(max)} (${because})`,
    'stay within',
  )

/** Whatever came before under the same key. */
export const repeated = <T>(all: readonly T[], key: (one: T) => string): readonly { one: T; earlier: T }[] => {
  const seen = new Map<string, T>()
  return all.flatMap((one) => {
    const earlier = seen.get(key(one))
    if (earlier === undefined) seen.set(key(one), one)
    return earlier === undefined ? [] : [{ one, earlier }]
  })
}
