import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  anchored,
  isMatched,
  literalBeginning,
  matchesAllFrom,
} from '../../../../../shared/domain/topics/name-pattern.ts'

const name = fc.string({ unit: fc.constantFrom(...'ab.-_'), minLength: 1, maxLength: 8 })

describe('a name or pattern', () => {
  it.each<[string | RegExp, string, boolean]>([
    ['orders', 'orders', true],
    ['orders', 'orders2', false],
    ['a.b', 'a.b', true],
    ['a.b', 'axb', false],
    [/orders/, 'my-orders', false],
    [/orders|payments/, 'orders', true],
    [/orders|payments/, 'payments', true],
    [/orders|payments/, 'orders-x', false],
    [/orders|payments/, 'x-payments', false],
    [/.*-tmp/, 'logs-tmp', true],
  ])('%s matches whole names only: %s', (pattern, topic, expected) => {
    expect(isMatched(topic, [anchored(pattern)])).toBe(expected)
  })

  it('that is a name matches itself and nothing else', () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(isMatched(other, [anchored(one)])).toBe(one === other)
      }),
    )
  })
})

describe('the literal beginning of a pattern', () => {
  it.each<[string | RegExp, string]>([
    ['a.b', 'a.b'],
    [/payments\..+/, 'payments.'],
    [/payments.+/, 'payments'],
    [/pay-?.*/, 'pay'],
    [/payx*/, 'pay'],
    [/payx{0,3}y/, 'pay'],
    [/payx+/, 'payx'],
    [/.*/, ''],
    [/a|b/, ''],
    [/(a|b)c/, ''],
    [/ab(c|d)/, ''],
    [/\w+/, ''],
    [/[ab]c/, ''],
    [/us\.(?!x).*/, 'us.'],
  ])('of %s is %j', (pattern, beginning) => {
    expect(literalBeginning(anchored(pattern))).toBe(beginning)
  })

  it('begins every name that matches', () => {
    const piece = fc.constantFrom('a', 'b', '\\.', '.', '[ab]', '(a|b)', 'a|b', '(?:ab)', '\\w')
    const quantified = fc
      .tuple(piece, fc.constantFrom('', '', '*', '+', '?', '{0,2}', '{2}'))
      .map((parts) => parts.join(''))
    const source = fc.array(quantified, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(source, fc.array(name, { minLength: 20 }), (text, names) => {
        const expression = anchored(new RegExp(text))
        for (const one of names)
          if (isMatched(one, [expression])) expect(one.startsWith(literalBeginning(expression))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('an exclusion', () => {
  it.each<[string | RegExp, string, boolean]>([
    [/us\..*/, 'us.', true],
    [/us\..*/, 'us.ohio.', true],
    [/us\..*/, 'us', false],
    [/us\..*/, '', false],
    [/.*/, '', true],
    [/us.*/, 'us.', true],
    [/us\..*-tmp/, 'us.', false],
    [/us\..+/, 'us.', false],
    [/(?!us).*/, 'us.', false],
    [/us.x.*/, 'us.x', false],
    ['us.', 'us.', false],
  ])('%s covers all names from %j: %s', (pattern, beginning, expected) => {
    expect(matchesAllFrom(anchored(pattern), beginning)).toBe(expected)
  })
})
