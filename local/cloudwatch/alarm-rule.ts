import type { AlarmState } from './alarm-verdict.ts'
import { alarmNameIn } from './template-values.ts'

export type AlarmRule =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'state'; readonly state: AlarmState; readonly alarm: string }
  | { readonly kind: 'not'; readonly rule: AlarmRule }
  | { readonly kind: 'all' | 'any'; readonly rules: readonly AlarmRule[] }
  | { readonly kind: 'at-least'; readonly count: number; readonly rules: readonly AlarmRule[] }

const STATES: readonly string[] = ['ALARM', 'OK', 'INSUFFICIENT_DATA'] satisfies AlarmState[]

const isState = (word: string): word is AlarmState => STATES.includes(word)

/** A quoted name, a sign, or a word: names need no quotes, and may be ARNs. */
const TOKEN = /"([^"]*)"|([(),])|([^\s(),"]+)/g

/** Reads the words of a rule one after the other; each method takes what it gives back. */
const createReader = (source: string) => {
  const words = [...source.matchAll(TOKEN)].map(([, quoted, sign, word]) => quoted ?? sign ?? word ?? '')
  let at = 0
  const fail = (): never => {
    throw new Error(`reading the alarm rule ${source}: ${words[at] ?? 'its end'} was not expected`)
  }
  /** Steps over the word when it is the next one. */
  const took = (word: string): boolean => {
    if (words[at] !== word) return false
    at++
    return true
  }
  const skip = (word: string): void => {
    if (!took(word)) fail()
  }
  return {
    fail,
    took,
    skip,
    word: (): string => words[at++] ?? fail(),
    isOver: (): boolean => at === words.length,
  }
}

type Reader = ReturnType<typeof createReader>

/** The grammar of PutCompositeAlarm's AlarmRule, AT_LEAST included. Throws on anything else. */
export const parseAlarmRule = (source: string): AlarmRule => {
  const reader = createReader(source)
  const rule = anyOf(reader)
  return reader.isOver() ? rule : reader.fail()
}

const joined =
  (kind: 'all' | 'any', word: 'AND' | 'OR', part: (reader: Reader) => AlarmRule) =>
  (reader: Reader): AlarmRule => {
    const first = part(reader)
    const rules = [first]
    while (reader.took(word)) rules.push(part(reader))
    return rules.length === 1 ? first : { kind, rules }
  }

const single = (reader: Reader): AlarmRule => {
  const word = reader.word()
  if (word === 'NOT') return { kind: 'not', rule: single(reader) }
  if (word === 'TRUE' || word === 'FALSE') return { kind: 'constant', value: word === 'TRUE' }
  if (word === 'AT_LEAST') return atLeast(reader)
  const rule = word === '(' ? anyOf(reader) : undefined
  if (rule === undefined) return inState(word, reader)
  reader.skip(')')
  return rule
}

const inState = (state: string, reader: Reader): AlarmRule => {
  reader.skip('(')
  if (!isState(state)) return reader.fail()
  const alarm = alarmNameIn(reader.word())
  reader.skip(')')
  return { kind: 'state', state, alarm }
}

/** `AT_LEAST(2, ALARM, (a, b, c))`, also with a share such as `50%` and with `NOT ALARM`. */
const atLeast = (reader: Reader): AlarmRule => {
  reader.skip('(')
  const threshold = reader.word()
  reader.skip(',')
  const isNegated = reader.took('NOT')
  const state = reader.word()
  reader.skip(',')
  reader.skip('(')
  const rules: AlarmRule[] = []
  do {
    const rule: AlarmRule = {
      kind: 'state',
      state: isState(state) ? state : reader.fail(),
      alarm: alarmNameIn(reader.word()),
    }
    rules.push(isNegated ? { kind: 'not', rule } : rule)
  } while (reader.took(','))
  reader.skip(')')
  reader.skip(')')
  const number = Number.parseInt(threshold, 10)
  return { kind: 'at-least', count: threshold.endsWith('%') ? Math.ceil((number * rules.length) / 100) : number, rules }
}

const allOf = joined('all', 'AND', single)

const anyOf = joined('any', 'OR', allOf)

export const holds = (rule: AlarmRule, stateOf: (alarm: string) => AlarmState): boolean => {
  const isTrue = (each: AlarmRule): boolean => holds(each, stateOf)
  switch (rule.kind) {
    case 'constant':
      return rule.value
    case 'state':
      return stateOf(rule.alarm) === rule.state
    case 'not':
      return !isTrue(rule.rule)
    case 'all':
      return rule.rules.every(isTrue)
    case 'any':
      return rule.rules.some(isTrue)
    case 'at-least':
      return rule.rules.filter(isTrue).length >= rule.count
  }
}

/** The alarms that a rule names. */
export const alarmsOfRule = (rule: AlarmRule): readonly string[] => {
  switch (rule.kind) {
    case 'constant':
      return []
    case 'state':
      return [rule.alarm]
    case 'not':
      return alarmsOfRule(rule.rule)
    case 'all':
    case 'any':
    case 'at-least':
      return rule.rules.flatMap(alarmsOfRule)
  }
}
