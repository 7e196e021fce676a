import { constants, createGunzip, createZstdDecompress, zstdDecompressSync } from 'node:zlib'
import { unpackLz4 } from './lz4.ts'
import { unpackSnappy } from './snappy.ts'
import { DamagedBatch, MOST_AT_ONCE_BYTES, TooLargeAtOnce } from './unpacked-bytes.ts'

const CHUNK_BYTES = 65_536
/** 8 MiB, which levels up to 19 keep to; a stream that looks farther back holds as much of what it has unpacked. */
const LARGEST_WINDOW_LOG = 23

/** In pieces, in their order. */
type Unpacked = Iterable<Buffer> | AsyncIterable<Buffer>

const unpackGzip = (packed: Buffer): Unpacked => {
  const stream = createGunzip({ chunkSize: CHUNK_BYTES })
  stream.end(packed)
  return stream
}

async function* unpackZstd(packed: Buffer): AsyncGenerator<Buffer> {
  const stream = createZstdDecompress({
    chunkSize: CHUNK_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: LARGEST_WINDOW_LOG },
  })
  stream.end(packed)
  try {
    yield* stream
  } catch (error) {
    if (!hasCode(error, 'ZSTD_error_frameParameter_windowTooLarge')) throw error
    yield unpackWhole(packed) // little is in most batches, however large a window they claim
  }
}

const unpackWhole = (packed: Buffer): Buffer => {
  try {
    return zstdDecompressSync(packed, { maxOutputLength: MOST_AT_ONCE_BYTES })
  } catch (cause) {
    if (!hasCode(cause, 'ERR_BUFFER_TOO_LARGE')) throw cause
    const because = `it was packed by zstd with a window of more than ${2 ** LARGEST_WINDOW_LOG} bytes, and unpacks to more than ${MOST_AT_ONCE_BYTES}`
    throw new TooLargeAtOnce(because, { cause })
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

/** By Kafka's number of the codec. */
const CODECS: readonly ((packed: Buffer) => Unpacked)[] = [
  (bytes) => [bytes],
  unpackGzip,
  unpackSnappy,
  unpackLz4,
  unpackZstd,
]
const CODEC_BITS = 7

/** Piece by piece, so that memory does not depend on how much it is. Throws `DamagedBatch` and `TooLargeAtOnce`. */
export async function* unpack(attributes: number, packed: Buffer): AsyncGenerator<Buffer> {
  const codec = CODECS[attributes & CODEC_BITS]
  if (codec === undefined) throw new DamagedBatch(`its codec ${attributes & CODEC_BITS} is none that Kafka has`)
  try {
    yield* codec(packed)
  } catch (error) {
    if (error instanceof DamagedBatch || error instanceof TooLargeAtOnce) throw error
    const because = error instanceof Error ? error.message : String(error)
    throw new DamagedBatch(`it cannot be unpacked: ${because}`, { cause: error })
  }
}
