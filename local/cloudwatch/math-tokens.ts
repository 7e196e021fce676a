import type { BinaryOperator } from './math-syntax.ts'

const SPELT_OUT: Readonly<Record<string, BinaryOperator>> = { OR: '||', AND: '&&' }

const TOKEN = /\s*(?:(\d+(?:\.\d+)?|\.\d+)|'([^']*)'|"([^"]*)"|([A-Za-z_]\w*)|(\|\||&&|==|!=|<=|>=|[-+*/^<>()[\],]))/gy

interface Token {
  readonly kind: 'number' | 'text' | 'word' | 'sign'
  readonly text: string
}

/** Throws, with the expression, on a sign that metric math does not have. */
const tokens = (source: string): readonly Token[] => {
  const found: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < source.trimEnd().length) {
    const from = TOKEN.lastIndex
    const match = TOKEN.exec(source)
    if (match === null) throw new Error(`reading the expression ${source}: not understood from ${source.slice(from)}`)
    const [, number, single, double, word, sign] = match
    if (number !== undefined) found.push({ kind: 'number', text: number })
    else if (word !== undefined) found.push(operatorOrWord(word))
    else if (sign !== undefined) found.push({ kind: 'sign', text: sign })
    else found.push({ kind: 'text', text: single ?? double ?? '' })
  }
  return found
}

const operatorOrWord = (word: string): Token => {
  const operator = SPELT_OUT[word]
  return operator === undefined ? { kind: 'word', text: word } : { kind: 'sign', text: operator }
}

/** Reads the tokens of an expression one after the other. */
export interface MathReader {
  readonly next: () => Token
  /** Steps over the sign when it is the next token. */
  readonly took: (sign: string) => boolean
  readonly skip: (sign: string) => void
  readonly isOver: () => boolean
  /** Throws, with the expression and what comes next in it. */
  readonly fail: () => never
}

export const mathReader = (source: string): MathReader => {
  const all = tokens(source)
  let at = 0
  const fail = (): never => {
    throw new Error(`reading the expression ${source}: ${all[at]?.text ?? 'its end'} was not expected`)
  }
  const took = (sign: string): boolean => {
    if (all[at]?.kind !== 'sign' || all[at]?.text !== sign) return false
    at++
    return true
  }
  return {
    next: () => all[at++] ?? fail(),
    took,
    skip: (sign) => {
      if (!took(sign)) fail()
    },
    isOver: () => at === all.length,
    fail,
  }
}
