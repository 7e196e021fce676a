import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextPosition, type PublishedPosition } from '../../../../../shared/domain/groups/group-record.ts'
import { packPositions, unpackPositions } from '../../../../../shared/domain/groups/packed-positions.ts'

const offset = fc.oneof(fc.bigInt(0n, 200n), fc.bigInt(0n, (1n << 63n) - 1n))
const position: fc.Arbitrary<PublishedPosition> = fc.record(
  {
    origin: fc.record({ topic: fc.constantFrom('orders', 'east.orders'), incarnation: fc.constantFrom('a', 'b') }),
    source: offset,
    target: offset,
    was: offset,
    earlier: fc.array(offset, { maxLength: 3 }),
    rewindOwed: fc.constant(true as const),
  },
  { requiredKeys: ['origin', 'source', 'target', 'earlier'] },
)
const positions = fc.array(fc.tuple(fc.nat(100_000), position), { maxLength: 30 }).map((all) => new Map(all))

describe('packed positions', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(positions, (all) => {
        expect(unpackPositions(packPositions(all))).toEqual(all)
      }),
    )
  })

  it('are the same bytes whatever the order, since conditions compare them', () => {
    fc.assert(
      fc.property(positions, (all) => {
        expect(packPositions(new Map([...all].reverse()))).toEqual(packPositions(all))
      }),
    )
  })

  it('take less than a kilobyte for 20 partitions, which is one write unit', () => {
    const far = { origin: { topic: 'orders', incarnation: 'a' }, source: 1n << 40n, target: 1n << 40n, was: 1n << 40n }
    const all = new Map(Array.from({ length: 20 }, (_, at) => [at, { ...far, earlier: [1n << 40n] }] as const))
    expect(packPositions(all).bytes.length).toBeLessThan(700)
  })

  it.each([
    ['of another version', [9]],
    ['of an unknown topic', [1, 0, 1, 0, 0, 0, 0]],
    ['cut off', [1, 0, 0, 5]],
  ])('are refused when they are %s', (_what, bytes) => {
    expect(() => unpackPositions({ origins: ['a orders'], bytes: Uint8Array.from(bytes) })).toThrow(RangeError)
  })
})

describe('what may stand on the target still', () => {
  const origin = { topic: 'orders', incarnation: 'a' }
  const to = (before: PublishedPosition | undefined, target: bigint, was?: bigint) =>
    nextPosition(before, { origin, source: 0n, target, ...(was !== undefined && { was }) })

  it('is what stands there, when that is what was published last', () => {
    expect(to(to(to(undefined, 10n), 20n, 10n), 30n, 20n).earlier).toEqual([20n])
  })

  it('is also what was to be committed and is not there yet, but never what is being published', () => {
    const died = to(to(to(undefined, 10n), 20n, 10n), 30n, 10n)
    expect(died.earlier).toEqual([20n, 10n])
    expect(to(died, 20n, 10n).earlier).toEqual([30n, 10n])
    expect(to(to(died, 40n, 10n), 50n, 10n).earlier).toEqual([40n, 30n, 20n])
  })
})
