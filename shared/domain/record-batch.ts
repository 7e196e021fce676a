import { decodeBase64, decodedBytes } from './base64.ts'
import { BatchWriter, varintBytes, varlongBytes } from './batch-writer.ts'
import { crc32c } from './crc32c.ts'
import { ReplicationError } from './errors.ts'
import type { PolledHeader, PolledRecord } from './record.ts'

/** Kafka's numbers for the codecs that `node:zlib` has. */
const CODEC_ATTRIBUTE = { none: 0, gzip: 1, zstd: 4 } as const
const TRANSACTIONAL_ATTRIBUTE = 0x10

export interface Compression {
  readonly codec: keyof typeof CODEC_ATTRIBUTE
  readonly compress: (bytes: Uint8Array) => Uint8Array
}

/** Who writes, and the sequence of the first record: what a broker tells repetitions by. */
export interface ProducerStamp {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly sequence: number
  /** Whether readers of committed records wait for the end of a transaction. */
  readonly transactional?: boolean
}

/** The records to put into one batch: from `first` on, as many as fit, at least one and at most `atMost`. */
export interface BatchRange {
  readonly first: number
  readonly atMost: number
  /** Of the batch before it is compressed; a single record may be larger. */
  readonly limitBytes: number
}

export interface RecordBatch {
  readonly first: number
  readonly count: number
  readonly bytes: Uint8Array
}

/** Offsets of the fields of a record batch of format 2, https://kafka.apache.org/documentation/#recordbatch */
const AT = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  sequence: 53,
  count: 57,
  records: 61,
} as const

const UNKNOWN_LEADER_EPOCH = -1
const NO_BYTES = -1

/**
 * Turns the records of one partition into record batches, front to back: base64 is decoded straight into the one buffer
 * that is allocated per batch. Nothing of a record is changed: order, null and empty keys and values, headers with
 * their order, duplicates and nulls, timestamps.
 */
export class RecordBatchEncoder {
  readonly #records: readonly PolledRecord[]
  readonly #compression: Compression
  readonly #names = new Map<string, Uint8Array>()
  /** Of the record at the same index, as last measured: the bytes after its length field. */
  readonly #bodyBytes: Int32Array

  constructor(records: readonly PolledRecord[], compression: Compression) {
    this.#records = records
    this.#compression = compression
    this.#bodyBytes = new Int32Array(records.length)
  }

  /** Throws `EVENT_MALFORMED` for what cannot be decoded. */
  encode(range: BatchRange, stamp: ProducerStamp): RecordBatch {
    const { count, bytes: size } = this.#measure(range)
    const writer = new BatchWriter(Buffer.allocUnsafe(size), AT.records)
    const base = this.#record(range.first).timestamp
    let latest = base
    for (let index = 0; index < count; index++) {
      const record = this.#record(range.first + index)
      if (record.timestamp > latest) latest = record.timestamp
      this.#writeRecord(writer, record, index, base, this.#bodyBytes[range.first + index] as number)
    }
    const { codec, bytes } = this.#compress(writer.bytes)
    writeFrame(bytes, { codec, count, base, latest, stamp })
    return { first: range.first, count, bytes }
  }

  #record(index: number): PolledRecord {
    const record = this.#records[index]
    if (record === undefined) throw new RangeError(`no record at ${index} of ${this.#records.length}`)
    return record
  }

  #measure({ first, atMost, limitBytes }: BatchRange): { count: number; bytes: number } {
    const most = Math.min(atMost, this.#records.length - first)
    const base = this.#record(first).timestamp
    let bytes: number = AT.records
    for (let count = 0; count < most; count++) {
      const body = this.#measureBody(this.#record(first + count), count, base)
      const grown = bytes + varintBytes(body) + body
      if (count > 0 && grown > limitBytes) return { count, bytes }
      this.#bodyBytes[first + count] = body
      bytes = grown
    }
    return { count: most, bytes }
  }

  #measureBody({ timestamp, key, value, headers }: PolledRecord, index: number, base: number): number {
    const attributes = 1
    let bytes = attributes + varlongBytes(timestamp, base) + varintBytes(index) + textBytes(key) + textBytes(value)
    bytes += varintBytes(headers.length)
    for (const { name, value: bits } of headers) {
      const nameBytes = this.#nameOf(name).length
      bytes += varintBytes(nameBytes) + nameBytes
      bytes += bits === null ? varintBytes(NO_BYTES) : varintBytes(bits.length) + bits.length
    }
    return bytes
  }

  #nameOf(name: string): Uint8Array {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    const bytes = Buffer.from(name)
    this.#names.set(name, bytes)
    return bytes
  }

  #writeRecord(writer: BatchWriter, record: PolledRecord, index: number, base: number, body: number): void {
    writer.varint(body)
    writer.byte(0)
    writer.varlong(record.timestamp, base)
    writer.varint(index)
    writeText(writer, record, 'key')
    writeText(writer, record, 'value')
    writer.varint(record.headers.length)
    for (const header of record.headers) this.#writeHeader(writer, header, record.offset)
  }

  #writeHeader(writer: BatchWriter, { name, value }: PolledHeader, offset: number): void {
    const bytes = this.#nameOf(name)
    writer.varint(bytes.length)
    writer.append(bytes)
    writer.varint(value === null ? NO_BYTES : value.length)
    if (value !== null && !writer.signedBytes(value)) throw malformed(offset, 'a header value is not made of bytes')
  }

  /** What does not shrink is sent as it is. */
  #compress(plain: Buffer): { codec: Compression['codec']; bytes: Buffer } {
    const { codec, compress } = this.#compression
    if (codec === 'none') return { codec, bytes: plain }
    const packed = compress(plain.subarray(AT.records))
    if (AT.records + packed.length >= plain.length) return { codec: 'none', bytes: plain }
    const bytes = Buffer.allocUnsafe(AT.records + packed.length)
    bytes.set(packed, AT.records)
    return { codec, bytes }
  }
}

const malformed = (offset: number, problem: string): ReplicationError =>
  new ReplicationError('EVENT_MALFORMED', `encoding the record at source offset ${offset}: ${problem}`)

const textBytes = (text: string | null): number => {
  if (text === null) return varintBytes(NO_BYTES)
  const bytes = decodedBytes(text)
  return varintBytes(bytes) + bytes
}

const writeText = (writer: BatchWriter, record: PolledRecord, field: 'key' | 'value'): void => {
  const text = record[field]
  const promised = text === null ? NO_BYTES : decodedBytes(text)
  writer.varint(promised)
  if (text === null) return
  if (!decodeBase64(text, writer.bytes, writer.at)) throw malformed(record.offset, `its ${field} is not base64`)
  writer.at += promised
}

interface Frame {
  readonly codec: Compression['codec']
  readonly count: number
  readonly base: number
  readonly latest: number
  readonly stamp: ProducerStamp
}

/** The checksum covers everything after itself, so it comes last. */
const writeFrame = (bytes: Buffer, { codec, count, base, latest, stamp }: Frame): void => {
  bytes.writeBigInt64BE(0n, AT.baseOffset)
  bytes.writeInt32BE(bytes.length - AT.leaderEpoch, AT.length)
  bytes.writeInt32BE(UNKNOWN_LEADER_EPOCH, AT.leaderEpoch)
  bytes.writeInt8(2, AT.magic)
  bytes.writeInt16BE(CODEC_ATTRIBUTE[codec] | (stamp.transactional ? TRANSACTIONAL_ATTRIBUTE : 0), AT.attributes)
  bytes.writeInt32BE(count - 1, AT.lastOffsetDelta)
  bytes.writeBigInt64BE(BigInt(base), AT.baseTimestamp)
  bytes.writeBigInt64BE(BigInt(latest), AT.maxTimestamp)
  bytes.writeBigInt64BE(stamp.producerId, AT.producerId)
  bytes.writeInt16BE(stamp.producerEpoch, AT.producerEpoch)
  bytes.writeInt32BE(stamp.sequence, AT.sequence)
  bytes.writeInt32BE(count, AT.count)
  bytes.writeUInt32BE(crc32c(bytes, AT.attributes, bytes.length), AT.crc)
}
