import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Rise } from '../../../../../shared/domain/lag/end-history.ts'
import { packLooks, unpackLooks } from '../../../../../shared/domain/lag/packed-looks.ts'
import type { PartitionLook, Scan } from '../../../../../shared/domain/lag/partition-look.ts'
import { partitionName } from '../../../../../shared/domain/record.ts'

const offset = fc.bigInt({ min: 0n, max: (1n << 60n) - 1n })
const time = fc.integer({ min: 0, max: 2 ** 42 })
const maybe = <Name extends string, Value>(name: Name, value: fc.Arbitrary<Value>) =>
  fc.option(value, { nil: undefined }).map((one) => (one === undefined ? {} : { [name]: one })) as fc.Arbitrary<{
    readonly [Key in Name]?: Value
  }>

const scan: fc.Arbitrary<Scan> = fc
  .tuple(fc.record({ from: offset, to: offset, records: fc.nat() }), maybe('first', offset))
  .map(([one, more]) => ({ ...one, ...more }))

const rises: fc.Arbitrary<readonly Rise[]> = fc
  .array(
    fc.tuple(fc.nat(100_000), fc.bigInt({ min: 1n, max: 1_000_000n }), fc.option(fc.nat(100_000), { nil: undefined })),
  )
  .map((steps) => {
    let [at, end] = [1_700_000_000_000, 0n]
    return steps.map(([later, more, beforeMs]): Rise => {
      at += later
      end += more
      return { end, by: at, ...(beforeMs !== undefined && { after: at - beforeMs }) }
    })
  })

const look: fc.Arbitrary<PartitionLook> = fc
  .tuple(
    fc.record({
      topic: fc.constantFrom('orders', 'shop.bills'),
      partition: fc.nat(1_000),
      incarnation: fc.constantFrom('life', 'other'),
      at: time,
      start: offset,
      end: offset,
      starts: fc.array(fc.record({ at: time, start: offset })),
      rises,
    }),
    maybe('checkpoint', offset),
    maybe('scan', scan),
    maybe('retentionMs', fc.nat()),
    maybe('firstStart', offset),
  )
  .map(([one, ...more]) => Object.assign({}, one, ...more))

describe('packed looks', () => {
  it('hold every look', () => {
    fc.assert(
      fc.property(fc.uniqueArray(look, { selector: partitionName, maxLength: 8 }), (looks) => {
        const unpacked = unpackLooks(packLooks(looks))
        expect(unpacked).toEqual(looks)
      }),
    )
  })

  it('are small', () => {
    const everySecond = Array.from({ length: 360 }, (_, at) => ({
      end: BigInt(at * 100),
      by: at * 10_000,
      after: at * 10_000 - 10_000,
    }))
    const { bytes } = packLooks([{ ...fc.sample(look, 1)[0], rises: everySecond, starts: [] } as PartitionLook])
    expect(bytes.length).toBeLessThan(360 * 7 + 100)
  })

  it.each([
    ['retention', [1, 0, 3, 9, 1, 2, 0, 0, 0, 0]],
    ['the first start', [2, 0, 3, 9, 1, 2, 0, 0, 0, 0, 0]],
  ])('that were packed before %s was among them are read', (_what, bytes) => {
    const packed = { names: ['life orders'], bytes: Uint8Array.from(bytes) }
    const one = { topic: 'orders', partition: 3, incarnation: 'life', at: 9, start: 1n, end: 2n, starts: [], rises: [] }
    expect(unpackLooks(packed)).toEqual([one])
  })

  it.each([
    ['another version', { names: [], bytes: Uint8Array.of(9) }],
    ['an unknown topic', { names: [], bytes: Uint8Array.of(1, 0, 0) }],
    ['an end in the middle', { names: ['life orders'], bytes: Uint8Array.of(1, 0, 0, 5) }],
  ])('of %s are refused', (_what, packed) => {
    expect(() => unpackLooks(packed)).toThrow(RangeError)
  })
})
