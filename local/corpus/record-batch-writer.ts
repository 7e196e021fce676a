import { gzipSync, zstdCompressSync } from 'node:zlib'
import { crc32c, lz4Compress, snappyCompress } from '@platformatic/wasm-utils'
import { CODECS, type Codec } from '../check/record-compression.ts'
import type { CorpusRecord } from './corpus-records.ts'

const HEADER_BYTES = 61
/** More than all varints of a record or of a header need. */
const VARINTS_BYTES = 40

/**
 * Encodes a record batch (v2) of no producer, for corpora. Shares nothing with the product's encoder; the client libraries
 * cannot serve, since their 64-bit zigzag is wrong for timestamps of one batch that lie more than 24 days apart.
 */
export const writeRecordBatch = (records: readonly CorpusRecord[], codec: Codec): Buffer => {
  const base = records[0]?.timestamp ?? 0
  const body = compress(codec, writeRecords(records, base))
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeInt32BE(HEADER_BYTES - 12 + body.length, 8)
  header.writeInt32BE(-1, 12) // leader epoch: the broker's business
  header[16] = 2
  header.writeInt16BE(CODECS.indexOf(codec), 21)
  header.writeInt32BE(records.length - 1, 23)
  header.writeBigInt64BE(BigInt(base), 27)
  header.writeBigInt64BE(BigInt(records.reduce((max, { timestamp }) => Math.max(max, timestamp), base)), 35)
  header.fill(0xff, 43, 57) // no producer id, epoch or sequence
  header.writeInt32BE(records.length, 57)
  const batch = Buffer.concat([header, body])
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}

const compress = (codec: Codec, bytes: Buffer): Buffer => {
  switch (codec) {
    case 'none':
      return bytes
    case 'gzip':
      return gzipSync(bytes)
    case 'snappy':
      return snappyCompress(bytes)
    case 'lz4':
      return lz4Compress(bytes)
    case 'zstd':
      return zstdCompressSync(bytes)
  }
}

const writeRecords = (records: readonly CorpusRecord[], base: number): Buffer => {
  const whole = new RecordWriter(records.reduce((bytes, record) => bytes + sizeBound(record) + VARINTS_BYTES, 0))
  for (const [at, record] of records.entries()) {
    const content = new RecordWriter(sizeBound(record))
    content.byte(0)
    content.varint(record.timestamp - base)
    content.varint(at)
    content.bytes(record.key)
    content.bytes(record.value)
    content.varint(record.headers.length)
    for (const { name, value } of record.headers) {
      content.bytes(name)
      content.bytes(value)
    }
    whole.bytes(content.written())
  }
  return whole.written()
}

const sizeBound = ({ key, value, headers }: CorpusRecord): number =>
  headers.reduce(
    (bytes, header) => bytes + header.name.length + (header.value?.length ?? 0) + VARINTS_BYTES,
    (key?.length ?? 0) + (value?.length ?? 0) + VARINTS_BYTES,
  )

class RecordWriter {
  readonly #buffer: Buffer
  #at = 0

  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafe(capacity)
  }

  byte(value: number): void {
    this.#buffer[this.#at++] = value
  }

  /** Zigzag, least significant group first, exact to 2^52. */
  varint(value: number): void {
    let rest = value < 0 ? -value * 2 - 1 : value * 2
    for (; rest > 127; rest = Math.floor(rest / 128)) this.byte((rest % 128) + 128)
    this.byte(rest)
  }

  bytes(value: Buffer | null): void {
    this.varint(value === null ? -1 : value.length)
    if (value !== null) this.#at += value.copy(this.#buffer, this.#at)
  }

  written(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }
}
