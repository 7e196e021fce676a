import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { lz4Decompress, snappyDecompress } from '@platformatic/wasm-utils'

/** In the order of Kafka's codec numbers. */
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Codec = (typeof CODECS)[number]

const CODEC_BITS = 7

export const codecOf = (attributes: number): Codec => {
  const codec = CODECS[attributes & CODEC_BITS]
  if (codec === undefined) throw new Error(`reading a batch: codec ${attributes & CODEC_BITS} is unknown`)
  return codec
}

export const decompress = (codec: Codec, bytes: Buffer): Buffer => {
  switch (codec) {
    case 'none':
      return bytes
    case 'gzip':
      return gunzipSync(bytes)
    case 'snappy':
      return unsnappy(bytes)
    case 'lz4':
      return lz4Decompress(bytes)
    case 'zstd':
      return zstdDecompressSync(bytes)
  }
}

const XERIAL_MAGIC = Buffer.from('\x82SNAPPY\0', 'latin1')
const XERIAL_HEADER_BYTES = 16

/** Java frames snappy in chunks after a header of its own (xerial); other clients send the bare block. */
const unsnappy = (bytes: Buffer): Buffer => {
  if (!bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return snappyDecompress(bytes)
  const chunks: Buffer[] = []
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length; ) {
    const end = at + 4 + bytes.readInt32BE(at)
    chunks.push(snappyDecompress(bytes.subarray(at + 4, end)))
    at = end
  }
  return Buffer.concat(chunks)
}
