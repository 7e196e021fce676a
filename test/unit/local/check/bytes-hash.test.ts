import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashBytes, hashSequence, NULL_HASH } from '../../../../local/check/bytes-hash.ts'

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))

describe('the hash of bytes', () => {
  it('follows from the bytes alone', () => {
    fc.assert(
      fc.property(bytes, (one) => {
        expect(hashBytes(Buffer.from(one))).toEqual(hashBytes(one))
      }),
    )
  })

  it('changes in both halves with every bit', () => {
    fc.assert(
      fc.property(bytes, fc.nat(), (one, seed) => {
        fc.pre(one.length > 0)
        const other = Buffer.from(one)
        const bit = seed % (one.length * 8)
        other.writeUInt8(other.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        expect(hashBytes(other)[0]).not.toBe(hashBytes(one)[0])
        expect(hashBytes(other)[1]).not.toBe(hashBytes(one)[1])
      }),
    )
  })

  it('tells no bytes from nothing, and lengths of zeros apart', () => {
    const hashes = [null, ...Array.from({ length: 20 }, (_, length) => Buffer.alloc(length))].map((one) =>
      hashBytes(one),
    )
    expect(new Set(hashes.map(String)).size).toBe(21)
    expect(hashBytes(null)).toBe(NULL_HASH)
  })

  it('has no collision in 200,000 numbered texts', () => {
    const seen = new Set<string>()
    for (let at = 0; at < 200_000; at++) seen.add(hashBytes(Buffer.from(`record ${at}`)).join())
    expect(seen.size).toBe(200_000)
  })
})

describe('the hash of a sequence', () => {
  const [a, b] = [hashBytes(Buffer.from('a')), hashBytes(Buffer.from('b'))]

  it('knows order and number', () => {
    const sequences = [[], [a], [b], [a, b], [b, a], [a, a], [a, a, b], [NULL_HASH], [NULL_HASH, NULL_HASH]]
    expect(new Set(sequences.map((parts) => hashSequence(parts).join())).size).toBe(sequences.length)
  })
})
