import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Member, survivalOf } from '../../../../../shared/domain/racks/rack-survival.ts'

const inRacks = (...racks: readonly (string | undefined)[]): Member[] =>
  racks.map((rack, node) => ({ node, ...(rack !== undefined && { rack }) }))

describe('the loss of any one rack', () => {
  it.each([
    ['leaves enough', inRacks('a', 'b', 'c'), 2, { kind: 'safe' }],
    ['takes one too many', inRacks('a', 'b'), 2, { kind: 'unsafe', racks: ['a', 'b'], rackOf: [] }],
    ['is too much for one of them', inRacks('a', 'a', 'b'), 2, { kind: 'unsafe', racks: ['a'], rackOf: [] }],
    ['takes everything', inRacks('a', 'a'), 1, { kind: 'unsafe', racks: ['a'], rackOf: [] }],
    ['comes when nobody is left', [], 1, { kind: 'unsafe', racks: [], rackOf: [] }],
    ['may be where a member stands that does not tell', inRacks('a', undefined), 1, { kind: 'unknown', untold: [1] }],
    ['is too much wherever those stand', inRacks('a', undefined), 2, { kind: 'unsafe', racks: ['a'], rackOf: [1] }],
    ['leaves enough wherever that one stands', inRacks('a', 'b', 'c', undefined), 2, { kind: 'safe' }],
  ])('%s', (_what, members, needed, expected) => {
    expect(survivalOf(members, needed)).toEqual(expected)
  })

  it('is judged as by losing every rack in turn, wherever the members stand that do not tell', () => {
    fc.assert(
      fc.property(someMembers, fc.nat({ max: 6 }), (members, less) => {
        const needed = Math.max(1, members.length - less)
        const outcomes = everyPlacing(members).map((placed) => fatalIn(placed, needed).length === 0)
        const expected = outcomes.every(Boolean) ? 'safe' : outcomes.some(Boolean) ? 'unknown' : 'unsafe'
        expect(survivalOf(members, needed).kind).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })

  it('names the racks that are too much', () => {
    const told = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 7 })
    fc.assert(
      fc.property(told, fc.integer({ min: 1, max: 7 }), (racks, needed) => {
        const survival = survivalOf(inRacks(...racks), Math.min(needed, racks.length))
        const named = survival.kind === 'unsafe' ? survival.racks : []
        expect(named).toEqual(fatalIn(racks, Math.min(needed, racks.length)))
      }),
    )
  })
})

const someMembers = fc
  .array(fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }), { minLength: 1, maxLength: 6 })
  .filter((racks) => racks.filter((rack) => rack === undefined).length <= 4)
  .map((racks) => inRacks(...racks))

/** Whoever does not tell may stand in a rack of the others, in one that is shared only by such, or alone. */
const everyPlacing = (members: readonly Member[]): string[][] =>
  members.reduce<string[][]>(
    (placings, { rack }) =>
      placings.flatMap((placing) =>
        (rack === undefined ? ['a', 'b', 'c', 'w', 'x', 'y', 'z'] : [rack]).map((chosen) => [...placing, chosen]),
      ),
    [[]],
  )

/** Loses one rack after the other. */
const fatalIn = (placed: readonly string[], needed: number): string[] =>
  [...new Set(placed)].filter((lost) => placed.filter((rack) => rack !== lost).length < needed).sort()
