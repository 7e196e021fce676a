import { crc32c as independent } from '@platformatic/kafka'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32c } from '../../../../shared/domain/crc32c.ts'

const ascending = Uint8Array.from({ length: 32 }, (_, index) => index)

describe('crc32c', () => {
  it.each([
    ['the check value of the catalogue of CRCs', Buffer.from('123456789'), 0xe3069283],
    ['32 zeros (RFC 3720)', new Uint8Array(32), 0x8a9136aa],
    ['32 ones (RFC 3720)', new Uint8Array(32).fill(255), 0x62a8ab43],
    ['32 ascending bytes (RFC 3720)', ascending, 0x46dd794e],
    ['32 descending bytes (RFC 3720)', ascending.toReversed(), 0x113fdb5c],
    ['nothing', new Uint8Array(0), 0],
  ])('knows %s', (_name, bytes, expected) => {
    expect(crc32c(bytes, 0, bytes.length)).toBe(expected)
  })

  it('agrees with another implementation wherever the bytes begin and end in memory', () => {
    const slices = fc.tuple(fc.uint8Array({ maxLength: 120, size: 'max' }), fc.nat(9), fc.nat(9), fc.nat(9))
    fc.assert(
      fc.property(slices, ([bytes, shift, from, cut]) => {
        const memory = new Uint8Array(shift + bytes.length)
        memory.set(bytes, shift)
        const view = memory.subarray(shift)
        const start = Math.min(from, view.length)
        const end = Math.max(start, view.length - cut)
        expect(crc32c(view, start, end)).toBe(independent(Buffer.from(view.subarray(start, end))) >>> 0)
      }),
      { numRuns: 1000 },
    )
  })
})
