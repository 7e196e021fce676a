import { createRecordsBatch } from '@platformatic/kafka'
import { crc32c } from '@platformatic/wasm-utils'
import { describe, expect, it } from 'vitest'
import { readRecordBatches } from '../../../../local/check/record-batch-reader.ts'
import type { Codec } from '../../../../local/check/record-compression.ts'
import { AWKWARD_CODECS, awkwardBatches, type CorpusRecord } from '../../../../local/corpus/corpus-records.ts'
import { writeRecordBatch } from '../../../../local/corpus/record-batch-writer.ts'
import { recordText } from '../../../support/record-text.ts'

const NOW = 1_700_000_000_000

/** As another client encodes them; its timestamps are wrong where those of one batch lie more than 2^31 ms apart. */
const encode = (records: readonly CorpusRecord[], compression: Codec = 'none'): Buffer =>
  createRecordsBatch(
    records.map(({ key, value, headers, timestamp }) => ({
      topic: 'orders',
      partition: 0,
      key: key as Buffer,
      value: value as Buffer,
      timestamp: BigInt(timestamp),
      headers: new Map(headers.map((header) => [header.name, header.value as Buffer])),
    })),
    { compression, producerId: -1n },
  ).buffer

/** Changes bytes of a batch and makes its checksum right again. */
const doctored = (batch: Buffer, change: (bytes: Buffer) => void): Buffer => {
  const bytes = Buffer.from(batch)
  change(bytes)
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
  return bytes
}

const simple: CorpusRecord = { timestamp: NOW, key: Buffer.from('k'), value: Buffer.from('v'), headers: [] }

describe('a record batch, read', () => {
  const expectToRead = (bytes: Buffer, written: readonly CorpusRecord[], codec: Codec): void => {
    const [batch, ...others] = readRecordBatches(bytes)
    expect(others).toEqual([])
    expect(batch).toMatchObject({ codec, baseOffset: 0n, lastOffset: BigInt(written.length - 1), producerId: -1n })
    expect(batch?.records.map(({ offset }) => offset)).toEqual(written.map((_, at) => BigInt(at)))
    expect(batch?.records.map(recordText)).toEqual(written.map(recordText))
  }

  it.each(AWKWARD_CODECS)('has every byte that another client wrote with %s', (codec) => {
    for (const records of awkwardBatches(1, NOW)) {
      const written = records.map((record) => ({ ...record, timestamp: NOW }))
      expectToRead(encode(written, codec), written, codec)
    }
  })

  it.each(AWKWARD_CODECS)('has every byte of the corpus, written with %s', (codec) => {
    for (const written of awkwardBatches(1, NOW)) expectToRead(writeRecordBatch(written, codec), written, codec)
  })

  it('has timestamps that lie further apart than 32 bits of milliseconds', () => {
    // length 13; attributes; delta 2^32 as zigzag varint; offset delta 0; null key; null value; one header 'h' of null
    const record = Buffer.from('1a' + '00' + '8080808020' + '00' + '01' + '01' + '02' + '0268' + '01', 'hex')
    const empty = { timestamp: 0, key: null, value: null, headers: [] }
    const bytes = Buffer.concat([writeRecordBatch([empty], 'none').subarray(0, 61), record])
    bytes.writeInt32BE(bytes.length - 12, 8)
    const [batch] = readRecordBatches(doctored(bytes, () => undefined))
    expect(batch?.records).toEqual([
      { offset: 0n, timestamp: 2 ** 32, key: null, value: null, headers: [{ name: Buffer.from('h'), value: null }] },
    ])
  })

  it('has the offsets that the broker gave, holes of compaction included', () => {
    const bytes = doctored(encode([simple, simple]), (batch) => {
      batch.writeBigInt64BE(1n << 40n, 0)
      batch.writeInt32BE(5, 23)
    })
    const [batch] = readRecordBatches(bytes)
    expect(batch).toMatchObject({ baseOffset: 1n << 40n, lastOffset: (1n << 40n) + 5n })
    expect(batch?.records.map(({ offset }) => offset)).toEqual([1n << 40n, (1n << 40n) + 1n])
  })

  it('has the broker’s time where the broker stamps', () => {
    const bytes = doctored(encode([simple]), (batch) => {
      batch.writeInt16BE(8, 21)
      batch.writeBigInt64BE(42n, 35)
    })
    expect([...readRecordBatches(bytes)][0]).toMatchObject({ timestampType: 'append', records: [{ timestamp: 42 }] })
  })

  it.each([
    ['abort', 0],
    ['commit', 1],
    ['other', 2],
  ] as const)('is a marker of kind %s, and holds no records', (marker, type) => {
    const control = { ...simple, key: Buffer.from([0, 0, 0, type]) }
    const bytes = doctored(encode([control]), (batch) => {
      batch.writeInt16BE(16 + 32, 21)
      batch.writeBigInt64BE(7n, 43)
      batch.writeInt16BE(3, 51)
    })
    expect([...readRecordBatches(bytes)]).toMatchObject([
      { marker, transactional: true, producerId: 7n, producerEpoch: 3, records: [] },
    ])
  })

  it('is left out when the broker cut it short', () => {
    const bytes = Buffer.concat([encode([simple]), encode([simple])])
    expect([...readRecordBatches(bytes)]).toHaveLength(2)
    expect([...readRecordBatches(bytes.subarray(0, -1))]).toHaveLength(1)
    expect([...readRecordBatches(bytes.subarray(0, 5))]).toEqual([])
  })

  it('is refused with a byte changed, whichever it is', () => {
    const bytes = encode([simple])
    for (let at = 16; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes)
      damaged.writeUInt8((damaged.readUInt8(at) + 1) & 255, at)
      expect(() => [...readRecordBatches(damaged)], `byte ${at}`).toThrow()
    }
  })

  it('is refused when its lengths do not agree', () => {
    const short = doctored(encode([simple]), (batch) => batch.writeInt32BE(0, 57))
    expect(() => [...readRecordBatches(short)]).toThrow('bytes left')
    const long = doctored(encode([simple]), (batch) => batch.writeInt32BE(2, 57))
    expect(() => [...readRecordBatches(long)]).toThrow(RangeError)
  })
})
