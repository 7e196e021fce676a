import type { NamePattern } from '../topics/name-pattern.ts'
import { type Mistake, mistakeIf } from './topology-mistake.ts'

/** What is wrong with the patterns of a list of names, whatever they are to match. */
export const checkPatterns = (path: string, names: readonly NamePattern[]): readonly Mistake[] =>
  names.flatMap((name, index) => (typeof name === 'string' ? [] : checkPattern(`${path}[${index}]`, name)))

/** What `new RegExp('')` has as its text. */
const EMPTY = '(?:)'

const checkPattern = (path: string, pattern: RegExp): readonly Mistake[] => [
  ...mistakeIf(
    pattern.flags !== '',
    path,
    `the pattern ${pattern} has flags, and names are matched without any`,
    'write it without them: a letter of either case as [Aa]',
  ),
  ...mistakeIf(pattern.source === EMPTY, path, 'the pattern is empty, and would match no name', 'write /.*/ for all'),
]
