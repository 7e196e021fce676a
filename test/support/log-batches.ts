import { type CompressionAlgorithmValue, compressionsAlgorithms } from '@platformatic/kafka'
import { BufferPool } from '../../local/poller/buffer-pool.ts'
import { fetchedBatches } from '../../local/poller/fetched-batches.ts'
import { type EncodedRecords, encodeRecords } from '../../local/poller/record-json.ts'
import { type RecordSlice, sliceOf } from '../../local/poller/record-slice.ts'

const HEAD_BYTES = 61

export interface LogRecordInput {
  readonly key?: Buffer | null
  readonly value?: Buffer | null
  readonly headers?: readonly (readonly [string, Buffer | null])[]
  readonly timestamp?: bigint
}

export interface LogBatchInput {
  readonly baseOffset: number
  readonly records: readonly LogRecordInput[]
  readonly codec?: CompressionAlgorithmValue
  /** Attribute bits besides the codec: 8 log append time, 16 transactional, 32 control. */
  readonly attributes?: number
  readonly producerId?: bigint
}

const varint = (value: bigint): Buffer => {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Buffer.from([...bytes, Number(rest)])
}

const sized = (bytes: Buffer | null): Buffer =>
  bytes === null ? varint(-1n) : Buffer.concat([varint(BigInt(bytes.length)), bytes])

const encodeRecord = (record: LogRecordInput, index: number, baseTimestamp: bigint): Buffer => {
  const { key = null, value = null, headers = [], timestamp = 0n } = record
  const body = Buffer.concat([
    Buffer.alloc(1),
    varint(BigInt.asIntN(64, timestamp - baseTimestamp)),
    varint(BigInt(index)),
    sized(key),
    sized(value),
    varint(BigInt(headers.length)),
    ...headers.flatMap(([name, bytes]) => [sized(Buffer.from(name)), sized(bytes)]),
  ])
  return sized(body)
}

/**
 * A batch as a broker keeps it. Made by hand: the client's encoder corrupts timestamps that lie more than 2^31 ms before
 * the first one. The checksum is left out, since no reader of ours checks it.
 */
export const logBatch = ({
  baseOffset,
  records,
  codec = 'none',
  attributes = 0,
  producerId = -1n,
}: LogBatchInput): Buffer => {
  const baseTimestamp = records[0]?.timestamp ?? 0n
  const timestamps = records.map(({ timestamp = 0n }) => timestamp)
  const { compressSync, bitmask } = compressionsAlgorithms[codec]
  const body = compressSync(Buffer.concat(records.map((record, index) => encodeRecord(record, index, baseTimestamp))))
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeBigInt64BE(BigInt(baseOffset), 0)
  head.writeInt32BE(HEAD_BYTES - 12 + body.length, 8)
  head.writeInt8(2, 16)
  head.writeInt16BE(attributes | bitmask, 21)
  head.writeInt32BE(records.length - 1, 23)
  head.writeBigInt64BE(baseTimestamp, 27)
  head.writeBigInt64BE(timestamps.toSorted((a, b) => (a < b ? 1 : -1))[0] ?? 0n, 35)
  head.writeBigInt64BE(producerId, 43)
  head.writeInt32BE(records.length, 57)
  return Buffer.concat([head, body])
}

/** What ends a transaction in the log. */
export const endMarker = (baseOffset: number, producerId: bigint, type: 'abort' | 'commit'): Buffer => {
  const key = Buffer.from([0, 0, 0, type === 'commit' ? 1 : 0])
  return logBatch({ baseOffset, records: [{ key, value: Buffer.alloc(6) }], attributes: 48, producerId })
}

/** `count` records from offset `from` on, whose values have `bytes` bytes each. */
export const encodedRecords = (
  from: number,
  count: number,
  bytes = 10,
  topic = 'orders',
  partition = 0,
): EncodedRecords => {
  const records = Array.from({ length: count }, (_, index) => ({ value: Buffer.alloc(bytes, index) }))
  return encodeRecords(
    fetchedBatches(logBatch({ baseOffset: from, records })),
    { topic, partition },
    from,
    new BufferPool(),
  )
}

export const sliceFrom = (from: number, count: number, partition = 0, bytes = 10): RecordSlice => {
  const encoded = encodedRecords(from, count, bytes, 'orders', partition)
  const slice = sliceOf({ topic: 'orders', partition }, [{ encoded, from: 0, to: count }])
  if (slice === undefined) throw new Error('a slice needs a record')
  return slice
}
