import { constants, createZstdCompress, gzipSync, zstdCompressSync } from 'node:zlib'
import { lz4Compress, snappyCompress } from '@platformatic/wasm-utils'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unpack } from '../../../../../../shared/adapters/kafka/fetched/unpack.ts'
import {
  DamagedBatch,
  MOST_AT_ONCE_BYTES,
  TooLargeAtOnce,
} from '../../../../../../shared/adapters/kafka/fetched/unpacked-bytes.ts'

const [NONE, GZIP, SNAPPY, LZ4, ZSTD] = [0, 1, 2, 3, 4]

const joined = async (pieces: AsyncIterable<Buffer>): Promise<Buffer> => {
  const all: Buffer[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}
const unpacked = (codec: number, packed: Buffer): Promise<Buffer> => joined(unpack(codec, packed))

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
  it('is unpacked to the same bytes', () =>
    fc.assert(
      fc.asyncProperty(content, async (bytes) => {
        expect((await unpacked(codec, pack(bytes))).equals(bytes)).toBe(true)
      }),
      { numRuns: 60 },
    ))

  it('is unpacked when it is large', async () => {
    const bytes = Buffer.concat(Array.from({ length: 40_000 }, (_, at) => Buffer.from(`record ${at % 977} of ${at}, `)))
    expect((await unpacked(codec, pack(bytes))).equals(bytes)).toBe(true)
  })
})

describe('what is damaged', () => {
  it.each(PACKERS.filter(([, codec]) => codec !== NONE))('is refused: %s', (_name, codec, pack) =>
    fc.assert(
      fc.asyncProperty(content, fc.nat(), fc.integer({ min: 1, max: 255 }), async (bytes, at, change) => {
        const packed = Buffer.from(pack(bytes))
        const broken = at % packed.length
        packed[broken] = (packed[broken] ?? 0) ^ change
        try {
          await unpacked(codec, packed) // a codec need not notice: the batch has a checksum
        } catch (error) {
          expect(error instanceof DamagedBatch || error instanceof TooLargeAtOnce).toBe(true)
        }
      }),
      { numRuns: 60 },
    ),
  )

  it('names a codec that Kafka does not have', async () => {
    await expect(unpacked(5, Buffer.alloc(0))).rejects.toThrow(DamagedBatch)
  })
})

describe('what is much larger than it looks', () => {
  const LARGE_BYTES = 100 * 1024 * 1024
  const large = Buffer.alloc(LARGE_BYTES, 'the same again, ')

  it.each(PACKERS.filter(([name]) => name !== 'none' && name !== 'snappy'))(
    'comes in pieces: %s',
    async (_name, codec, pack) => {
      let [bytes, largest] = [0, 0]
      for await (const piece of unpack(codec, pack(large))) {
        bytes += piece.length
        largest = Math.max(largest, piece.length)
      }
      expect(bytes).toBe(LARGE_BYTES)
      expect(largest).toBeLessThanOrEqual(MOST_AT_ONCE_BYTES)
    },
  )

  it('is refused where it can only be unpacked as a whole: a block of snappy', async () => {
    await expect(unpacked(SNAPPY, snappyCompress(large))).rejects.toThrow(TooLargeAtOnce)
    const claim = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x61]) // 4 GiB, of which one byte comes
    await expect(unpacked(SNAPPY, claim)).rejects.toThrow(TooLargeAtOnce)
  })

  it('is refused where zstd looks back too far, unless it is small', async () => {
    const params = { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_compressionLevel]: 1 }
    const streamed = async (bytes: Buffer): Promise<Buffer> => {
      const stream = createZstdCompress({ params })
      stream.write(bytes.subarray(0, 1_000)) // so that it knows no size, as Java's library does not
      stream.end(bytes.subarray(1_000))
      return await joined(stream)
    }
    const small = large.subarray(0, 1_000_000)
    expect((await unpacked(ZSTD, await streamed(small))).equals(small)).toBe(true)
    await expect(unpacked(ZSTD, await streamed(large))).rejects.toThrow(/window/)
  })
})
