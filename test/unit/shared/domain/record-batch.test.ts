import { gzipSync, zstdCompressSync } from 'node:zlib'
import { crc32c as independentCrc, Reader, type RecordsBatch, readRecordsBatch } from '@platformatic/kafka'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PolledRecord } from '../../../../shared/domain/record.ts'
import { type BatchRange, type Compression, RecordBatchEncoder } from '../../../../shared/domain/record-batch.ts'
import { arbitraryRecords, base64, polledRecord, polledRecords } from '../../../support/polled-records.ts'

const NONE: Compression = { codec: 'none', compress: (bytes) => bytes }
const GZIP: Compression = { codec: 'gzip', compress: (bytes) => gzipSync(bytes) }
const ZSTD: Compression = { codec: 'zstd', compress: (bytes) => zstdCompressSync(bytes) }

const STAMP = { producerId: 4_711_000_000_001n, producerEpoch: 3, sequence: 77 }
const WHOLE: BatchRange = { first: 0, atMost: Number.POSITIVE_INFINITY, limitBytes: Number.POSITIVE_INFINITY }

const encode = (records: readonly PolledRecord[], range = WHOLE, compression = NONE) =>
  new RecordBatchEncoder(records, compression).encode(range, STAMP)

/** What another client reads out of a batch. */
const decode = (bytes: Uint8Array): RecordsBatch => readRecordsBatch(Reader.from(Buffer.from(bytes)))

const bytesOf = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text, 'base64'))

/** The records as another client should read them, in terms of its own record type. */
const expectedRecords = (records: readonly PolledRecord[]) =>
  records.map(({ timestamp, key, value, headers }, index) => ({
    attributes: 0,
    offsetDelta: index,
    timestamp: BigInt(timestamp),
    key: bytesOf(key),
    value: bytesOf(value),
    headers: headers.map((header) => [
      Buffer.from(header.name),
      header.value === null ? null : Buffer.from(Int8Array.from(header.value).buffer),
    ]),
  }))

const readBack = ({ firstTimestamp, records }: RecordsBatch) =>
  records.map(({ attributes, offsetDelta, timestampDelta, key, value, headers }) => ({
    attributes,
    offsetDelta,
    timestamp: firstTimestamp + timestampDelta,
    key,
    value,
    headers,
  }))

describe('a record batch', () => {
  it.each([
    ['none', NONE],
    ['gzip', GZIP],
    ['zstd', ZSTD],
  ])('holds every byte of awkward records, with %s', (_codec, compression) => {
    fc.assert(
      fc.property(arbitraryRecords(20), (records) => {
        const { count, bytes } = encode(records, WHOLE, compression)
        expect(count).toBe(records.length)
        expect(readBack(decode(bytes))).toEqual(expectedRecords(records))
      }),
    )
  })

  it('tells the broker truly what it holds', () => {
    fc.assert(
      fc.property(arbitraryRecords(20), (records) => {
        const { bytes } = encode(records)
        const latest = records.reduce((most, { timestamp }) => Math.max(most, timestamp), Number.NEGATIVE_INFINITY)
        expect(decode(bytes)).toMatchObject({
          firstOffset: 0n,
          length: bytes.length - 12,
          partitionLeaderEpoch: -1,
          magic: 2,
          crc: independentCrc(Buffer.from(bytes.subarray(21))) >>> 0,
          attributes: 0,
          lastOffsetDelta: records.length - 1,
          firstTimestamp: BigInt(records[0]?.timestamp ?? 0),
          maxTimestamp: BigInt(latest),
          producerId: STAMP.producerId,
          producerEpoch: STAMP.producerEpoch,
          firstSequence: STAMP.sequence,
        })
      }),
    )
  })

  it('keeps null, empty and full keys and values apart', () => {
    const contents = [null, '', base64('x')]
    const records = contents.flatMap((key) => contents.map((value) => polledRecord({ key, value })))
    const seen = decode(encode(records).bytes).records.map(({ key, value }) => [key, value])
    expect(seen).toEqual(records.map(({ key, value }) => [bytesOf(key), bytesOf(value)]))
  })

  it('keeps years between two records, forwards and backwards', () => {
    const timestamps = [1_700_000_000_000, 0, -1, 1_700_000_000_000 + 864e9, 1_700_000_000_000 - 2 ** 30]
    const records = timestamps.map((timestamp) => polledRecord({ timestamp }))
    const batch = decode(encode(records).bytes)
    expect(readBack(batch).map(({ timestamp }) => Number(timestamp))).toEqual(timestamps)
    expect(batch.maxTimestamp).toBe(BigInt(Math.max(...timestamps)))
  })

  it('is compressed only when that makes it smaller', () => {
    const [repetitive, tiny] = [polledRecords(100), polledRecords(1)]
    expect(decode(encode(repetitive, WHOLE, ZSTD).bytes).attributes).toBe(4)
    expect(decode(encode(repetitive, WHOLE, GZIP).bytes).attributes).toBe(1)
    expect(decode(encode(tiny, WHOLE, ZSTD).bytes).attributes).toBe(0)
    expect(encode(repetitive, WHOLE, ZSTD).bytes.length).toBeLessThan(encode(repetitive).bytes.length)
  })

  it('takes as many records as fit into the limit, and not one less', () => {
    fc.assert(
      fc.property(
        arbitraryRecords(30),
        fc.nat(29),
        fc.integer({ min: 100, max: 4000 }),
        (records, start, limitBytes) => {
          const first = start % records.length
          const { count, bytes } = encode(records, { first, atMost: 30, limitBytes })
          if (count > 1) expect(bytes.length).toBeLessThanOrEqual(limitBytes)
          expect(readBack(decode(bytes))).toEqual(expectedRecords(records.slice(first, first + count)))
          if (first + count < records.length) {
            const larger = encode(records, { first, atMost: count + 1, limitBytes: Number.POSITIVE_INFINITY })
            expect(larger.bytes.length).toBeGreaterThan(limitBytes)
          }
        },
      ),
    )
  })

  it('may be exactly as large as the limit', () => {
    const records = polledRecords(10)
    const limitBytes = encode(records).bytes.length
    expect(encode(records, { ...WHOLE, limitBytes }).count).toBe(10)
    expect(encode(records, { ...WHOLE, limitBytes: limitBytes - 1 }).count).toBe(9)
  })

  it('takes no more records than it is asked to', () => {
    expect(encode(polledRecords(10), { ...WHOLE, first: 2, atMost: 3 })).toMatchObject({ first: 2, count: 3 })
  })

  it('takes a single record that is larger than the limit, for the broker has the last word', () => {
    const { count, bytes } = encode(polledRecords(3), { ...WHOLE, limitBytes: 10 })
    expect(count).toBe(1)
    expect(bytes.length).toBeGreaterThan(10)
  })

  it.each([
    ['a key', { key: 'QU-_' }],
    ['a value', { value: 'QUJ' }],
    ['a header value', { headers: [{ name: 'h', value: [1, 256] }] }],
    ['a fraction in a header value', { headers: [{ name: 'h', value: [1.5] }] }],
  ])('is not made from %s that cannot be decoded, and the error shows nothing of it', (_what, fields) => {
    const records = [polledRecord(), polledRecord({ offset: 4711, ...fields })]
    const encoding = (): unknown => encode(records)
    expect(encoding).toThrow(expect.objectContaining({ code: 'EVENT_MALFORMED' }))
    expect(encoding).toThrow(/source offset 4711/)
    expect(encoding).not.toThrow(/QU/)
  })
})
