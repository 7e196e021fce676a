import { gzipSync, zstdCompressSync } from 'node:zlib'
import { lz4Compress, snappyCompress } from '@platformatic/wasm-utils'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unpack } from '../../../../../../shared/adapters/kafka/fetched/unpack.ts'
import { DamagedBatch } from '../../../../../../shared/adapters/kafka/fetched/unpacked-bytes.ts'

const [NONE, GZIP, SNAPPY, LZ4, ZSTD] = [0, 1, 2, 3, 4]

/** As Java's library does it. */
const xerial = (bytes: Buffer, blockBytes: number): Buffer => {
  const pieces = [Buffer.from('\x82SNAPPY\0', 'latin1'), Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])]
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = snappyCompress(bytes.subarray(at, at + blockBytes))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(block.length)
    pieces.push(length, Buffer.from(block))
  }
  return Buffer.concat(pieces)
}

const PACKERS: readonly [string, number, (bytes: Buffer) => Buffer][] = [
  ['none', NONE, (bytes) => bytes],
  ['gzip', GZIP, (bytes) => gzipSync(bytes)],
  ['snappy', SNAPPY, (bytes) => snappyCompress(bytes)],
  ['snappy in frames', SNAPPY, (bytes) => xerial(bytes, 1_000)],
  ['lz4', LZ4, (bytes) => lz4Compress(bytes)],
  ['zstd', ZSTD, (bytes) => zstdCompressSync(bytes)],
]

/**
 * Repetitions near and far, of few bytes and many, between bytes that never repeat. Never nothing: the library that packs
 * fails at it once its memory has grown.
 */
const content = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 70 }), fc.integer({ min: 1, max: 400 }))
        .map(([piece, times]) =>
          Uint8Array.from({ length: piece.length * times }, (_, at) => piece[at % piece.length] ?? 0),
        ),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => Buffer.concat(pieces))
  .filter(({ length }) => length > 0)

describe.each(PACKERS)('what was packed with %s', (_name, codec, pack) => {
  it('is unpacked to the same bytes', () => {
    fc.assert(
      fc.property(content, (bytes) => {
        expect(unpack(codec, pack(bytes)).equals(bytes)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('is unpacked when it is large', () => {
    const bytes = Buffer.concat(Array.from({ length: 40_000 }, (_, at) => Buffer.from(`record ${at % 977} of ${at}, `)))
    expect(unpack(codec, pack(bytes)).equals(bytes)).toBe(true)
  })
})

describe('what is damaged', () => {
  it.each(PACKERS.filter(([, codec]) => codec !== NONE))('is refused: %s', (_name, codec, pack) => {
    fc.assert(
      fc.property(content, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, change) => {
        const packed = Buffer.from(pack(bytes))
        const broken = at % packed.length
        packed[broken] = (packed[broken] ?? 0) ^ change
        try {
          unpack(codec, packed) // a codec need not notice: the batch has a checksum
        } catch (error) {
          expect(error).toBeInstanceOf(DamagedBatch)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('names a codec that Kafka does not have', () => {
    expect(() => unpack(5, Buffer.alloc(0))).toThrow(DamagedBatch)
  })

  it('does not fill the memory, whatever it claims', () => {
    const claim = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x61]) // snappy: 4 GiB, of which one byte comes
    expect(() => unpack(SNAPPY, claim)).toThrow(DamagedBatch)
  })
})
