import { crc32c } from '@platformatic/wasm-utils'
import { ByteReader } from './byte-reader.ts'
import { type Codec, codecOf, decompress } from './record-compression.ts'

export interface LogHeader {
  readonly name: Buffer
  readonly value: Buffer | null
}

/** A record as it lies in a broker's log. */
export interface LogRecord {
  readonly offset: bigint
  /** Milliseconds since 1970, may be negative. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly LogHeader[]
}

/** A record batch (v2) as it lies in a broker's log. */
export interface RecordBatch {
  readonly baseOffset: bigint
  /** Of the last record that was ever in the batch; compaction may have taken it. */
  readonly lastOffset: bigint
  readonly codec: Codec
  readonly timestampType: 'create' | 'append'
  readonly transactional: boolean
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly baseSequence: number
  /** Set for a control batch; `other` are markers that end no transaction. */
  readonly marker?: 'commit' | 'abort' | 'other'
  readonly sizeBytes: number
  /** Empty for a control batch. */
  readonly records: readonly LogRecord[]
}

const LENGTH_END = 12
const CRC_AT = 17
const CHECKSUMMED_FROM = 21
const HEADER_BYTES = 61
const MAGIC = 2

const TIMESTAMP_TYPE_BIT = 8
const TRANSACTIONAL_BIT = 16
const CONTROL_BIT = 32

/**
 * Decodes what a broker answered to a fetch. Shares nothing with the product's encoder nor with the client of the poller,
 * so that a mistake of either is seen. The broker may cut the last batch short: that one is left out.
 */
export function* readRecordBatches(bytes: Buffer): Generator<RecordBatch> {
  for (let at = 0; at + LENGTH_END <= bytes.length; ) {
    const end = at + LENGTH_END + bytes.readInt32BE(at + 8)
    if (end > bytes.length) return
    yield readRecordBatch(bytes.subarray(at, end))
    at = end
  }
}

const readRecordBatch = (batch: Buffer): RecordBatch => {
  const baseOffset = batch.readBigInt64BE(0)
  requireSound(batch, baseOffset)
  const attributes = batch.readInt16BE(21)
  const codec = codecOf(attributes)
  const control = (attributes & CONTROL_BIT) !== 0
  const body = decompress(codec, batch.subarray(HEADER_BYTES))
  const records = readRecords(body, batch, baseOffset)
  return {
    baseOffset,
    lastOffset: baseOffset + BigInt(batch.readInt32BE(23)),
    codec,
    timestampType: (attributes & TIMESTAMP_TYPE_BIT) === 0 ? 'create' : 'append',
    transactional: (attributes & TRANSACTIONAL_BIT) !== 0,
    producerId: batch.readBigInt64BE(43),
    producerEpoch: batch.readInt16BE(51),
    baseSequence: batch.readInt32BE(53),
    ...(control && { marker: markerOf(records[0]) }),
    sizeBytes: batch.length,
    records: control ? [] : records,
  }
}

const requireSound = (batch: Buffer, baseOffset: bigint): void => {
  const magic = batch[16]
  if (magic !== MAGIC)
    throw new Error(`reading the batch at offset ${baseOffset}: its format is ${magic}, not ${MAGIC}`)
  const stored = batch.readUInt32BE(CRC_AT)
  const computed = crc32c(batch.subarray(CHECKSUMMED_FROM))
  if (stored !== computed)
    throw new Error(`reading the batch at offset ${baseOffset}: CRC-32C is ${computed}, the batch says ${stored}`)
}

const readRecords = (body: Buffer, batch: Buffer, baseOffset: bigint): LogRecord[] => {
  const count = batch.readInt32BE(57)
  const appendTime = (batch.readInt16BE(21) & TIMESTAMP_TYPE_BIT) !== 0
  const baseTimestamp = safeNumber(batch.readBigInt64BE(27), baseOffset)
  const maxTimestamp = safeNumber(batch.readBigInt64BE(35), baseOffset)
  const reader = new ByteReader(body)
  const records: LogRecord[] = []
  for (let i = 0; i < count; i++) {
    const end = reader.varint() + reader.position
    reader.skip(1)
    const timestamp = baseTimestamp + reader.varint()
    const offset = baseOffset + BigInt(reader.varint())
    const record = readContent(reader)
    if (reader.position !== end) throw new Error(`reading the record at offset ${offset}: its length is wrong`)
    records.push({ offset, timestamp: appendTime ? maxTimestamp : timestamp, ...record })
  }
  if (reader.remaining !== 0)
    throw new Error(`reading the batch at offset ${baseOffset}: ${reader.remaining} bytes left`)
  return records
}

const readContent = (reader: ByteReader): Pick<LogRecord, 'key' | 'value' | 'headers'> => {
  const key = reader.varintBytes()
  const value = reader.varintBytes()
  const headers: LogHeader[] = []
  for (let left = reader.varint(); left > 0; left--) {
    const name = reader.varintBytes()
    if (name === null) throw new Error('reading a record: a header without a name')
    headers.push({ name, value: reader.varintBytes() })
  }
  return { key, value, headers }
}

/** The key of a control record is `version, type`, two bytes each; Kafka has 0 for abort and 1 for commit. */
const markerOf = (record: LogRecord | undefined): 'commit' | 'abort' | 'other' => {
  const type = record?.key?.readInt16BE(2)
  return type === 0 ? 'abort' : type === 1 ? 'commit' : 'other'
}

const safeNumber = (value: bigint, baseOffset: bigint): number => {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  throw new Error(
    `reading the batch at offset ${baseOffset}: the timestamp ${value} is beyond what is compared exactly`,
  )
}
