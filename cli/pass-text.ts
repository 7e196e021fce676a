import { table } from './terminal.ts'

export type PassMode = 'plan' | 'apply'

export interface Verbosity {
  /** Everything, instead of the first of it. */
  readonly verbose: boolean
}

/** What a function told of a pass, parsed. */
export interface PassReading {
  /** As it was told, for programs. */
  readonly report: object
  /** Whether somebody has to act: something was not done, or will not be done by any later pass. */
  readonly trouble: boolean
  /** For people: a heading without its subject, and the rest in paragraphs. */
  describe(mode: PassMode, verbosity: Verbosity): readonly string[]
}

/** Whether an answer has all of these as lists; a function of another version may tell something else. */
export const hasLists = (answer: unknown, lists: readonly string[]): answer is object =>
  typeof answer === 'object' && answer !== null && lists.every((list) => Array.isArray(Reflect.get(answer, list)))

/** How the answers of one function are read: as a report when they have all of its `lists`. */
export const passReader =
  <Report extends object>(
    lists: readonly (keyof Report & string)[],
    hasTrouble: (report: Report) => boolean,
    describe: (mode: PassMode, report: Report, verbosity: Verbosity) => readonly string[],
  ) =>
  (answer: unknown): PassReading | undefined => {
    const isReport = (told: unknown): told is Report => hasLists(told, lists)
    if (!isReport(answer)) return undefined
    return {
      report: answer,
      trouble: hasTrouble(answer),
      describe: (mode, verbosity) => describe(mode, answer, verbosity),
    }
  }

/** One paragraph, or none where there is nothing to tell. */
export const part = <T>(
  title: string,
  items: readonly T[],
  describe: (items: readonly T[]) => string,
): readonly string[] => (items.length === 0 ? [] : [`${title === '' ? '' : `${title}\n`}${describe(items)}`])

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

const NAMES_SHOWN = 3

/** The first names, and how many there are besides. */
export const some = (names: readonly string[]): string => {
  const shown = names.slice(0, NAMES_SHOWN).join(', ')
  return names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown
}

const ROWS_SHOWN = 20

/** A table that ends after its first rows, unless all of it is wanted. `what`: as in "topic". */
export const shortened = (
  [head, ...rows]: readonly [readonly string[], ...(readonly string[])[]],
  what: string,
  { verbose }: Verbosity,
): string => {
  const hidden = verbose ? 0 : Math.max(0, rows.length - ROWS_SHOWN)
  const shown = table([head, ...rows.slice(0, rows.length - hidden)])
  return hidden === 0 ? shown : `${shown}\nand ${counted(hidden, what)} more; --verbose shows all of them`
}

export interface LeftOut {
  readonly name: string
  readonly because: string
  readonly detail: string
}

const REASONS_SHOWN = 10

/** Those of the same reason together. A reason may name what it is about, so that reasons are shortened as well. */
export const leftOut = (what: string, items: readonly LeftOut[], { verbose }: Verbosity): string => {
  if (verbose)
    return table([[what, 'because', 'detail'], ...items.map(({ name, because, detail }) => [name, because, detail])])
  const reasons = [...Map.groupBy(items, ({ because, detail }) => `${because}: ${detail}`).values()]
  const rows = reasons.slice(0, REASONS_SHOWN).flatMap((same) => {
    const [first] = same
    return first === undefined ? [] : [[first.because, some(same.map(({ name }) => name)), first.detail]]
  })
  const hidden = reasons.slice(REASONS_SHOWN).flat().length
  const rest = hidden === 0 ? '' : `\nand ${counted(hidden, what)} more; --verbose names all of them`
  return `${table([['because', `${what}s`, 'detail'], ...rows])}${rest}`
}
