import { DamagedBatch, UnpackedBytes } from './unpacked-bytes.ts'

const FRAME_MAGIC = 0x184d2204
const FLAGS = { blockChecksums: 16, contentSize: 8, dictionary: 1 } as const
const CHECKSUM_BYTES = 4
const UNCOMPRESSED_BIT = 0x8000_0000
const SHORTEST_REPEAT = 4
/** A length of this in a token goes on in the bytes after it. */
const GOES_ON = 15
const EXPECTED_RATIO = 3
/** As far back as a block may refer. */
const WINDOW_BYTES = 65_536

/**
 * An LZ4 frame, https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md, block by block; its checksums are left to the one
 * of the batch.
 */
export function* unpackLz4(packed: Buffer): Generator<Buffer> {
  if (packed.readUInt32LE(0) !== FRAME_MAGIC) throw new DamagedBatch('lz4: it is no frame')
  const flags = packed.readUInt8(4)
  if ((flags & FLAGS.dictionary) !== 0) throw new DamagedBatch('lz4: it needs a dictionary')
  const checksumBytes = (flags & FLAGS.blockChecksums) === 0 ? 0 : CHECKSUM_BYTES
  let before: Buffer = Buffer.alloc(0)
  let at = (flags & FLAGS.contentSize) === 0 ? 7 : 15
  for (let size = packed.readUInt32LE(at); size !== 0; size = packed.readUInt32LE(at)) {
    const length = size & ~UNCOMPRESSED_BIT
    const end = at + 4 + length
    const output = new UnpackedBytes(before.length + length * EXPECTED_RATIO)
    output.append(before, 0, before.length)
    if (size >= UNCOMPRESSED_BIT) output.append(packed, at + 4, end)
    else unpackBlock(packed, at + 4, end, output)
    const { written } = output
    yield written.subarray(before.length)
    before = written.subarray(Math.max(0, written.length - WINDOW_BYTES))
    at = end + checksumBytes
  }
}

/** Blocks may refer to the ones before them. The last sequence of a block is a literal alone. */
const unpackBlock = (packed: Buffer, from: number, end: number, output: UnpackedBytes): void => {
  for (let at = from; at < end; ) {
    const token = packed.readUInt8(at++)
    const literal = lengthAt(packed, at, token >>> 4)
    output.append(packed, literal.at, literal.at + literal.length)
    at = literal.at + literal.length
    if (at >= end) return
    const distance = packed.readUInt16LE(at)
    const repeat = lengthAt(packed, at + 2, token & 15)
    output.repeat(distance, repeat.length + SHORTEST_REPEAT)
    at = repeat.at
  }
}

const lengthAt = (packed: Buffer, at: number, inToken: number): { readonly length: number; readonly at: number } => {
  if (inToken < GOES_ON) return { length: inToken, at }
  let length = inToken
  for (let next = at; ; ) {
    const byte = packed.readUInt8(next++)
    length += byte
    if (byte < 255) return { length, at: next }
  }
}
