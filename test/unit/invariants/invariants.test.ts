import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyHistory } from '../../support/partition-history.ts'
import { INVARIANTS } from './invariants.ts'
import { observe } from './observed-world.ts'

describe('the offset map, after any history of deliveries, crashes and accidents,', () => {
  it.each(INVARIANTS)('$id: $sentence', ({ violations }) =>
    fc.assert(
      fc.asyncProperty(anyHistory(), async (history) => {
        expect(await violations(await observe(history))).toEqual([])
      }),
    ),
  )
})
