import { crc32c } from '../../../domain/crc32c.ts'
import type { LogHeader, LogRecord } from '../../../domain/log-record.ts'
import { RecordCursor } from './record-cursor.ts'
import { framesIn } from './record-frames.ts'
import { unpack } from './unpack.ts'
import { DamagedBatch, TooLargeAtOnce } from './unpacked-bytes.ts'

/** A record batch as it lies in a log; its records are unpacked as they are asked for, some at a time. */
export interface FetchedBatch {
  readonly baseOffset: bigint
  /** Of the last record that was ever in it: compaction may have taken that one. */
  readonly lastOffset: bigint
  readonly transactional: boolean
  readonly producerId: bigint
  /** Set when it holds a marker and no record; `other` are markers that end no transaction. */
  readonly marker?: 'commit' | 'abort' | 'other'
  records(): AsyncIterable<readonly LogRecord[]>
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
    ...(control && { marker: markerIn(batch) }),
    records: () => readRecords(batch, baseOffset),
  }
}

const requireSound = (batch: Buffer, baseOffset: bigint): void => {
  const magic = batch.readInt8(AT.magic)
  if (magic !== MAGIC)
    throw new DamagedBatch(`the batch at offset ${baseOffset} has format ${magic}, older than Kafka 0.11`)
  if (batch.readUInt32BE(AT.checksum) !== crc32c(batch, AT.attributes, batch.length))
    throw new DamagedBatch(`the checksum of the batch at offset ${baseOffset} is wrong`)
}

/** Those that one step of unpacking brings, at a time. */
async function* readRecords(batch: Buffer, baseOffset: bigint): AsyncGenerator<readonly LogRecord[]> {
  const base = timesOf(batch, baseOffset)
  let left = batch.readInt32BE(AT.recordCount)
  if (left === 0) return // compaction took all of them
  let last: bigint | undefined
  try {
    for await (const frames of framesIn(unpack(batch.readInt16BE(AT.attributes), batch.subarray(AT.records)))) {
      const records = frames.slice(0, left).map((frame) => readRecord(frame, base))
      yield records
      last = records.at(-1)?.offset ?? last
      left -= records.length
      if (left === 0) return
    }
  } catch (error) {
    if (!(error instanceof TooLargeAtOnce)) throw error
    const behind = last === undefined ? '' : `, behind offset ${last}`
    throw new TooLargeAtOnce(`in the batch at offset ${baseOffset}${behind}: ${error.message}`, { cause: error })
  }
  if (left > 0) throw new DamagedBatch('its records end too early')
}

interface BatchTimes {
  readonly baseOffset: bigint
  readonly baseTimestamp: number
  /** Set when the broker sets timestamps. */
  readonly brokers?: { readonly timestamp: number; readonly timestampIsBrokers: true }
}

const timesOf = (batch: Buffer, baseOffset: bigint): BatchTimes => {
  const isBrokers = (batch.readInt16BE(AT.attributes) & ATTRIBUTES.timestampIsBrokers) !== 0
  const brokers = { timestamp: Number(batch.readBigInt64BE(AT.maxTimestamp)), timestampIsBrokers: true } as const
  return { baseOffset, baseTimestamp: Number(batch.readBigInt64BE(AT.baseTimestamp)), ...(isBrokers && { brokers }) }
}

const readRecord = (frame: Buffer, { baseOffset, baseTimestamp, brokers }: BatchTimes): LogRecord => {
  const cursor = new RecordCursor(frame)
  cursor.skip(1) // attributes, of which there are none
  const timestamp = baseTimestamp + cursor.varint()
  const offset = baseOffset + BigInt(cursor.varint())
  const key = cursor.bytes()
  const value = cursor.bytes()
  const headers = readHeaders(cursor)
  if (cursor.at !== frame.length)
    throw new DamagedBatch(`the record at offset ${offset} has another length than it says`)
  return { offset, timestamp, key, value, headers, ...brokers }
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

/** The key of a marker is its version and its type, two bytes each. Brokers never compress them. */
const markerIn = (batch: Buffer): 'commit' | 'abort' | 'other' => {
  const cursor = new RecordCursor(batch.subarray(AT.records))
  cursor.varint() // its length
  cursor.skip(1) // attributes
  cursor.varint() // timestamp
  cursor.varint() // offset
  const type = cursor.bytes()?.[3]
  return type === 0 ? 'abort' : type === 1 ? 'commit' : 'other'
}
