import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyHistory, type Slot } from '../../support/partition-history.ts'
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

  it('hold when a late invocation tells as lost what another one replicated before retention came', async () => {
    const observed = await observe([
      { kind: 'produce', slots: ['data', 'data'] },
      { kind: 'deliver', count: 1, accident: { kind: 'asleep', at: 6 } },
      { kind: 'retention', takes: 1 },
      { kind: 'deliver', count: 1, accident: { kind: 'asleep', at: 2 } },
      { kind: 'wake' },
      { kind: 'wake' },
    ])
    expect(observed.gaps).toMatchObject([{ kind: 'lost', from: 0n, to: 1n }])
    for (const { id, violations } of INVARIANTS) expect([id, await violations(observed)]).toEqual([id, []])
  })

  it('are rules of the first batch too, that sleeps while its topic is deleted and made again', async () => {
    const data = (count: number): Slot[] => Array<Slot>(count).fill('data')
    for (const later of [0, 4, 10, 15]) {
      const observed = await observe([
        { kind: 'produce', slots: data(10) },
        { kind: 'deliver', count: 10, accident: { kind: 'asleep', at: 2 } },
        { kind: 'recreate', slots: data(later), positionStays: false },
        { kind: 'wake' },
        { kind: 'adopt' },
        { kind: 'deliver', count: 3, accident: { kind: 'none' } },
      ])
      for (const { id, violations } of INVARIANTS) expect([id, await violations(observed)]).toEqual([id, []])
    }
  })
})
