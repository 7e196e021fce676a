import type { PartitionId } from '../../shared/domain/record.ts'
import type { BufferPool } from './buffer-pool.ts'
import { type FetchedBatch, recordBytes } from './fetched-batches.ts'
import { JsonText } from './json-text.ts'

/** Records of one partition as the JSON objects of an AWS event, ready to be cut at any record. */
export class EncodedRecords {
  /** One object after the other, each followed by a comma; what comes after the last end is not theirs. */
  readonly json: Buffer
  /** Where each record ends in `json`, its comma included. */
  readonly ends: readonly number[]
  readonly offsets: readonly number[]
  readonly #pool: BufferPool
  #inUse: number

  constructor(text: JsonText, ends: readonly number[], offsets: readonly number[], pool: BufferPool) {
    this.json = text.bytes
    this.ends = ends
    this.offsets = offsets
    this.#pool = pool
    this.#inUse = offsets.length
    if (this.#inUse === 0) pool.give(this.json)
  }

  /** So many records are done with; after the last one the buffer is used again. */
  release(count: number): void {
    this.#inUse -= count
    if (this.#inUse === 0) this.#pool.give(this.json)
  }
}

const EXPECTED_FRAME_BYTES = 150

/** Walks the records of one decompressed batch; every field is where the one before it ended. */
class RecordCursor {
  readonly bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  /** Lengths and offset deltas, which Kafka keeps below 2^31. */
  varint(): number {
    const first = this.bytes[this.at++] ?? 0
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    let raw = first & 0x7f
    for (let shift = 7, byte = 0x80; byte >= 0x80; shift += 7) {
      byte = this.bytes[this.at++] ?? 0
      raw |= (byte & 0x7f) << shift
    }
    return (raw >>> 1) ^ -(raw & 1)
  }

  /** Timestamp deltas use all 64 bits; those under 2^48 come as numbers, which is many times faster. */
  varlong(): number | bigint {
    const start = this.at
    let raw = 0
    for (let scale = 1; scale < 2 ** 49; scale *= 128) {
      const byte = this.bytes[this.at++] ?? 0
      raw += (byte & 0x7f) * scale
      if (byte < 0x80) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
    }
    this.at = start
    return this.#wideVarlong()
  }

  #wideVarlong(): bigint {
    let raw = 0n
    for (let shift = 0n, byte = 0x80; byte >= 0x80; shift += 7n) {
      byte = this.bytes[this.at++] ?? 0
      raw |= BigInt(byte & 0x7f) << shift
    }
    return BigInt.asIntN(64, (raw >> 1n) ^ -(raw & 1n))
  }
}

const isExact = (timestamp: number): boolean => Math.abs(timestamp) < 2 ** 52

/** Exact for every 64-bit timestamp, also where JSON numbers are not; Java adds with overflow. */
const timestampText = (base: bigint, delta: number | bigint): string => {
  const start = Number(base)
  if (typeof delta === 'number' && isExact(start)) return String(start + delta)
  return String(BigInt.asIntN(64, base + BigInt(delta)))
}

const encodeBytes = (text: JsonText, name: 'key' | 'value', cursor: RecordCursor): void => {
  const length = cursor.varint()
  if (length < 0) return
  text.ascii(`"${name}":"`)
  text.base64(cursor.bytes, cursor.at, cursor.at + length)
  text.ascii('",')
  cursor.at += length
}

/** What AWS writes for a null header value is not documented; `null` is the only honest JSON. */
const encodeHeader = (text: JsonText, cursor: RecordCursor): void => {
  const nameEnd = cursor.varint() + cursor.at
  text.utf8(`{${JSON.stringify(cursor.bytes.toString('utf8', cursor.at, nameEnd))}:`)
  cursor.at = nameEnd
  const length = cursor.varint()
  if (length < 0) text.ascii('null}')
  else {
    text.signedBytes(cursor.bytes, cursor.at, cursor.at + length)
    text.ascii('}')
    cursor.at += length
  }
}

const encodeHeaders = (text: JsonText, cursor: RecordCursor): void => {
  const count = cursor.varint()
  text.ascii('"headers":[')
  for (let header = 0; header < count; header++) {
    if (header > 0) text.ascii(',')
    encodeHeader(text, cursor)
  }
  text.ascii(']},')
}

interface Encoding {
  readonly text: JsonText
  readonly ends: number[]
  readonly offsets: number[]
}

const encodeBatch = (into: Encoding, batch: FetchedBatch, partition: PartitionId, fromOffset: number): void => {
  const { text, ends, offsets } = into
  const cursor = new RecordCursor(recordBytes(batch))
  const head = `{"topic":${JSON.stringify(partition.topic)},"partition":${partition.partition},"offset":`
  const type = `,"timestampType":"${batch.logAppendTime ? 'LOG_APPEND_TIME' : 'CREATE_TIME'}",`
  for (let record = 0; record < batch.count; record++) {
    const length = cursor.varint()
    const end = cursor.at + length
    cursor.at += 1
    const delta = cursor.varlong()
    const offset = batch.baseOffset + cursor.varint()
    if (offset >= fromOffset) {
      const timestamp = batch.logAppendTime ? batch.maxTimestamp : timestampText(batch.baseTimestamp, delta)
      text.ascii(`${head}${offset},"timestamp":${timestamp}${type}`)
      encodeBytes(text, 'key', cursor)
      encodeBytes(text, 'value', cursor)
      encodeHeaders(text, cursor)
      if (cursor.at !== end) throw misread(partition, offset)
      ends.push(text.length)
      offsets.push(offset)
    }
    cursor.at = end
  }
}

const misread = ({ topic, partition }: PartitionId, offset: number): Error =>
  new Error(`reading ${topic}-${partition} at ${offset}: the record is not as long as it says`)

/** Records from `fromOffset` on; a fetch starts with the whole batch that holds the offset asked for. */
export const encodeRecords = (
  batches: readonly FetchedBatch[],
  partition: PartitionId,
  fromOffset: number,
  pool: BufferPool,
): EncodedRecords => {
  let expectedBytes = 0
  for (const { body, count } of batches) expectedBytes += body.length * 1.4 + count * EXPECTED_FRAME_BYTES
  const encoding: Encoding = { text: new JsonText(pool, Math.ceil(expectedBytes)), ends: [], offsets: [] }
  for (const batch of batches) encodeBatch(encoding, batch, partition, fromOffset)
  return new EncodedRecords(encoding.text, encoding.ends, encoding.offsets, pool)
}
