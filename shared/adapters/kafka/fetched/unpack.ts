import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { unpackLz4 } from './lz4.ts'
import { unpackSnappy } from './snappy.ts'
import { DamagedBatch, MOST_UNPACKED_BYTES } from './unpacked-bytes.ts'

const atMost = { maxOutputLength: MOST_UNPACKED_BYTES }

/** By Kafka's number of the codec. */
const CODECS: readonly ((packed: Buffer) => Buffer)[] = [
  (bytes) => bytes,
  (packed) => gunzipSync(packed, atMost),
  unpackSnappy,
  unpackLz4,
  (packed) => zstdDecompressSync(packed, atMost),
]
const CODEC_BITS = 7

/** Throws `DamagedBatch`. */
export const unpack = (attributes: number, packed: Buffer): Buffer => {
  const codec = CODECS[attributes & CODEC_BITS]
  if (codec === undefined) throw new DamagedBatch(`its codec ${attributes & CODEC_BITS} is none that Kafka has`)
  try {
    return codec(packed)
  } catch (error) {
    if (error instanceof DamagedBatch) throw error
    const because = error instanceof Error ? error.message : String(error)
    throw new DamagedBatch(`it cannot be unpacked: ${because}`, { cause: error })
  }
}
