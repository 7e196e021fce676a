import { expect, it } from 'vitest'
import { haveSameRecords } from '../../../../local/check/same-records.ts'
import { logOf } from '../../../support/partition-logs.ts'

it.each([
  ['the same sequence', 'a b c', 'a b c', true],
  ['one with holes', 'a . b . . c', 'a b c', true],
  ['two empty ones', '.', '. .', true],
  ['one that lacks the last', 'a b c', 'a b', false],
  ['one with one more', 'a b', 'a b c', false],
  ['another first record', 'x b c', 'a b c', false],
  ['another last record', 'a b x', 'a b c', false],
  ['another order', 'a c b', 'a b c', false],
  ['one more of the same', 'a a b', 'a b', false],
])('compares two logs: %s', (_which, one, other, same) => {
  expect(haveSameRecords(logOf(one), logOf(other))).toBe(same)
})
