import { crc32c } from '../../../domain/crc32c.ts'
import type { LogHeader, LogRecord } from '../../../domain/log-record.ts'
import { RecordCursor } from './record-cursor.ts'
import { unpack } from './unpack.ts'
import { DamagedBatch } from './unpacked-bytes.ts'

/** A record batch as it lies in a log; its records are unpacked when they are asked for. */
export interface FetchedBatch {
  readonly baseOffset: bigint
  /** Of the last record that was ever in it: compaction may have taken that one. */
  readonly lastOffset: bigint
  readonly transactional: boolean
  readonly producerId: bigint
  /** Set when it holds a marker and no record; `other` are markers that end no transaction. */
  readonly marker?: 'commit' | 'abort' | 'other'
  records(): LogRecord[]
}

/** Where the fields of a batch (v2) are, https://kafka.apache.org/documentation/#recordbatch */
const AT = {
  length: 8,
  afterLength: 12,
  magic: 16,
  checksum: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  recordCount: 57,
  records: 61,
} as const
const MAGIC = 2
const ATTRIBUTES = { timestampIsBrokers: 8, transactional: 16, control: 32 } as const

/** What a broker answered to a fetch; the last batch may be cut short, and is left out then. Throws `DamagedBatch`. */
export function* batchesIn(bytes: Buffer): Generator<FetchedBatch> {
  for (let at = 0; at + AT.records <= bytes.length; ) {
    const end = at + AT.afterLength + bytes.readInt32BE(at + AT.length)
    if (end > bytes.length) return
    if (end < at + AT.records) throw new DamagedBatch('a batch is shorter than its own header')
    yield readBatch(bytes.subarray(at, end))
    at = end
  }
}

const readBatch = (batch: Buffer): FetchedBatch => {
  const baseOffset = batch.readBigInt64BE(0)
  requireSound(batch, baseOffset)
  const attributes = batch.readInt16BE(AT.attributes)
  const control = (attributes & ATTRIBUTES.control) !== 0
  return {
    baseOffset,
    lastOffset: baseOffset + BigInt(batch.readInt32BE(AT.lastOffsetDelta)),
    transactional: (attributes & ATTRIBUTES.transactional) !== 0,
    producerId: batch.readBigInt64BE(AT.producerId),
    ...(control && { marker: markerIn(readRecords(batch, baseOffset)) }),
    records: () => (control ? [] : readRecords(batch, baseOffset)),
  }
}

const requireSound = (batch: Buffer, baseOffset: bigint): void => {
  const magic = batch.readInt8(AT.magic)
  if (magic !== MAGIC)
    throw new DamagedBatch(`the batch at offset ${baseOffset} has format ${magic}, older than Kafka 0.11`)
  if (batch.readUInt32BE(AT.checksum) !== crc32c(batch, AT.attributes, batch.length))
    throw new DamagedBatch(`the checksum of the batch at offset ${baseOffset} is wrong`)
}

const readRecords = (batch: Buffer, baseOffset: bigint): LogRecord[] => {
  const attributes = batch.readInt16BE(AT.attributes)
  const cursor = new RecordCursor(unpack(attributes, batch.subarray(AT.records)))
  const baseTimestamp = Number(batch.readBigInt64BE(AT.baseTimestamp))
  const isBrokers = (attributes & ATTRIBUTES.timestampIsBrokers) !== 0
  const brokers = { timestamp: Number(batch.readBigInt64BE(AT.maxTimestamp)), timestampIsBrokers: true } as const
  const records: LogRecord[] = []
  for (let left = batch.readInt32BE(AT.recordCount); left > 0; left--) {
    const length = cursor.varint()
    const end = cursor.at + length
    cursor.skip(1) // attributes, of which there are none
    const timestamp = baseTimestamp + cursor.varint()
    const offset = baseOffset + BigInt(cursor.varint())
    const key = cursor.bytes()
    const value = cursor.bytes()
    const headers = readHeaders(cursor)
    if (cursor.at !== end) throw new DamagedBatch(`the record at offset ${offset} has another length than it says`)
    records.push({ offset, timestamp, key, value, headers, ...(isBrokers && brokers) })
  }
  return records
}

const readHeaders = (cursor: RecordCursor): LogHeader[] => {
  const headers: LogHeader[] = []
  for (let left = cursor.varint(); left > 0; left--) {
    const name = cursor.bytes()
    if (name === null) throw new DamagedBatch('a header has no name')
    headers.push({ name, value: cursor.bytes() })
  }
  return headers
}

/** The key of a marker is its version and its type, two bytes each. */
const markerIn = ([marker]: readonly LogRecord[]): 'commit' | 'abort' | 'other' => {
  const type = marker?.key?.[3]
  return type === 0 ? 'abort' : type === 1 ? 'commit' : 'other'
}
