import { DamagedBatch, requireRoom, UnpackedBytes } from './unpacked-bytes.ts'

/** Java's library frames blocks behind a header of its own; other clients send one block as it is. */
const XERIAL_MAGIC = Buffer.from('\x82SNAPPY\0', 'latin1')
const XERIAL_HEADER_BYTES = 16
const LENGTH_BYTES = 4

export function* unpackSnappy(packed: Buffer): Generator<Buffer> {
  if (!packed.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) {
    yield unpackBlock(packed)
    return
  }
  for (let at = XERIAL_HEADER_BYTES; at + LENGTH_BYTES <= packed.length; ) {
    const end = at + LENGTH_BYTES + packed.readUInt32BE(at)
    yield unpackBlock(packed.subarray(at + LENGTH_BYTES, end))
    at = end
  }
}

/** https://github.com/google/snappy/blob/main/format_description.txt */
const unpackBlock = (packed: Buffer): Buffer => {
  const { length, from } = lengthOf(packed)
  requireRoom(length, 'a snappy block')
  const output = new UnpackedBytes(length)
  for (let at = from; at < packed.length; ) at = unpackElement(packed, at, output)
  if (output.written.length !== length) throw new DamagedBatch('snappy: it unpacks to another length than it says')
  return output.written
}

const lengthOf = (packed: Buffer): { readonly length: number; readonly from: number } => {
  let length = 0
  for (let at = 0; at < 5; at++) {
    const byte = packed.readUInt8(at)
    length += (byte & 127) * 2 ** (7 * at)
    if (byte < 128) return { length, from: at + 1 }
  }
  throw new DamagedBatch('snappy: its length is none')
}

const LITERAL = 0
const NEAR_COPY = 1
const FAR_COPY = 2
/** Lengths of literals beyond this take one to four bytes of their own. */
const LONGEST_IN_TAG = 60

/** Returns where the next element begins. */
const unpackElement = (packed: Buffer, at: number, output: UnpackedBytes): number => {
  const tag = packed.readUInt8(at)
  const kind = tag & 3
  if (kind === LITERAL) return unpackLiteral(packed, at, output)
  if (kind === NEAR_COPY) {
    output.repeat(((tag >>> 5) << 8) | packed.readUInt8(at + 1), ((tag >>> 2) & 7) + 4)
    return at + 2
  }
  const distanceBytes = kind === FAR_COPY ? 2 : 4
  output.repeat(packed.readUIntLE(at + 1, distanceBytes), (tag >>> 2) + 1)
  return at + 1 + distanceBytes
}

const unpackLiteral = (packed: Buffer, at: number, output: UnpackedBytes): number => {
  const inTag = packed.readUInt8(at) >>> 2
  const lengthBytes = Math.max(0, inTag - LONGEST_IN_TAG + 1)
  const length = (lengthBytes === 0 ? inTag : packed.readUIntLE(at + 1, lengthBytes)) + 1
  const from = at + 1 + lengthBytes
  output.append(packed, from, from + length)
  return from + length
}
