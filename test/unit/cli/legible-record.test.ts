import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { legible, recordLine, recordText } from '../../../cli/legible-record.ts'

const LIFE = { topic: 'orders', partition: 3, incarnation: 'life' }
const bytes = (text: string) => Buffer.from(text)
const base64 = (...content: readonly number[]) => ({ base64: Buffer.from(content).toString('base64') })

describe('bytes of a record', () => {
  it.each<[string, Uint8Array | null, unknown]>([
    ['text', bytes('customer-17'), 'customer-17'],
    ['text of any language', bytes('größe 客户 👩‍💻'), 'größe 客户 👩‍💻'],
    ['lines and tabs', bytes('a\tb\r\nc'), 'a\tb\r\nc'],
    ['nothing', bytes(''), ''],
    ['null', null, null],
    ['a byte order mark', bytes('\uFEFFa'), '\uFEFFa'],
    ['no text', Buffer.from([0, 255]), base64(0, 255)],
    ['half of a letter', bytes('ö').subarray(0, 1), base64(0xc3)],
    ['what a terminal obeys', bytes('\u001b[2J'), base64(0x1b, 0x5b, 0x32, 0x4a)],
    ['what a terminal obeys in one byte of Latin', bytes('\u009b2J'), base64(0xc2, 0x9b, 0x32, 0x4a)],
    ['a delete', bytes('\u007f'), base64(0x7f)],
    ['what turns a line around', bytes('\u202Eabc'), base64(0xe2, 0x80, 0xae, 0x61, 0x62, 0x63)],
  ])('are told as they are: %s', (_what, content, expected) => {
    expect(legible(content)).toEqual(expected)
  })

  it('can be had back, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (content) => {
        const told = legible(content)
        if (told === null) return expect.unreachable('these are no bytes')
        const back = typeof told === 'string' ? bytes(told) : Buffer.from(told.base64, 'base64')
        expect(Buffer.compare(back, content)).toBe(0)
      }),
    )
  })
})

const RECORD = {
  offset: 2n ** 60n,
  timestamp: 1_000,
  key: bytes(''),
  value: null,
  headers: [
    { name: bytes('own'), value: Buffer.from([0, 255]) },
    { name: bytes('own'), value: null },
  ],
}

describe('a record', () => {
  it('is a line of JSON, with its whole offset and its headers in order', () => {
    expect(JSON.parse(recordLine(LIFE, { ...RECORD, value: bytes('a\nb') }))).toEqual({
      ...LIFE,
      offset: '1152921504606846976',
      timestamp: 1_000,
      key: '',
      value: 'a\nb',
      headers: [
        ['own', { base64: 'AP8=' }],
        ['own', null],
      ],
    })
    expect(recordLine(LIFE, { ...RECORD, value: bytes('a\nb') })).not.toContain('\n')
  })

  it('is told to people, each text on its line', () => {
    expect(recordText(LIFE, RECORD).split('\n')).toEqual([
      'orders-3 offset 1152921504606846976, 1970-01-01T00:00:01.000Z',
      '  key    ""',
      '  header "own" = base64 AP8=',
      '  header "own" = null',
      '  value  null',
    ])
    expect(recordText(LIFE, { ...RECORD, value: bytes('a\nb') })).toContain('  value  "a\\nb"')
  })

  it('may have any timestamp', () => {
    expect(recordText(LIFE, { ...RECORD, timestamp: 8.64e15 + 1 })).toContain(', timestamp 8640000000000001')
    expect(recordText(LIFE, { ...RECORD, timestamp: -1 })).toContain('1969-12-31T23:59:59.999Z')
  })
})
