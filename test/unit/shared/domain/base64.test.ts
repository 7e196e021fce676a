import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64, decodedBytes } from '../../../../shared/domain/base64.ts'

const WELL_FORMED = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

describe('decodeBase64', () => {
  it('decodes any bytes to where it is told, and touches nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300, size: 'max' }), fc.nat(20), (bytes, at) => {
        const text = Buffer.from(bytes).toString('base64')
        const memory = Buffer.alloc(at + bytes.length + 8, 7)
        expect(decodeBase64(text, memory, at)).toBe(true)
        expect(decodedBytes(text)).toBe(bytes.length)
        const expected = Buffer.alloc(memory.length, 7)
        expected.set(bytes, at)
        expect(memory.equals(expected)).toBe(true)
      }),
    )
  })

  it.each([
    ['base64url', 'QU-_'],
    ['a character of another script that looks like A when cut to eight bits', 'AAA\u0141'],
    ['a blank', 'QU D'],
    ['a line break', 'QUJD\n'],
    ['padding in the middle', 'QUI=QUJD'],
    ['too much padding', 'Q==='],
    ['no padding', 'QUI'],
    ['nothing but padding', '===='],
  ])('says that %s is not base64', (_name, text) => {
    expect(decodeBase64(text, Buffer.alloc(16), 0)).toBe(false)
  })

  it('takes nothing that is not base64, whatever is wrong with it and wherever', () => {
    const spoiled = fc.tuple(
      fc.base64String({ minLength: 4, maxLength: 400, size: 'max' }),
      fc.nat(),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(spoiled, ([text, where, wrong]) => {
        const at = where % text.length
        const candidate = text.slice(0, at) + wrong + text.slice(at + wrong.length)
        expect(decodeBase64(candidate, Buffer.alloc(4000), 0)).toBe(WELL_FORMED.test(candidate))
      }),
      { numRuns: 2000 },
    )
  })
})
