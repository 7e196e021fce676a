import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BufferPool } from '../../../../local/poller/buffer-pool.ts'
import { fetchedBatches } from '../../../../local/poller/fetched-batches.ts'
import { encodeRecords } from '../../../../local/poller/record-json.ts'
import { type LogBatchInput, type LogRecordInput, logBatch } from '../../../support/log-batches.ts'

interface EventRecord {
  readonly offset: number
  readonly timestamp: number
  readonly timestampType: string
  readonly key?: string
  readonly value?: string
  readonly headers: readonly Record<string, number[] | null>[]
}

const partition = { topic: 'my-topic-1', partition: 3 }

const jsonOf = (bytes: Buffer, from = 0, pool = new BufferPool()): string => {
  const { json, ends } = encodeRecords(fetchedBatches(bytes), partition, from, pool)
  return `[${json.toString('utf8', 0, (ends.at(-1) ?? 1) - 1)}]`
}

const recordsOf = (batch: LogBatchInput, from = 0): EventRecord[] => JSON.parse(jsonOf(logBatch(batch), from))

/** AWS's signed bytes back to bytes. */
const bytesOf = (signed: readonly number[] | null): Buffer | null => (signed === null ? null : Buffer.from(signed))

describe('encodeRecords', () => {
  it('writes a record as AWS does, character by character', () => {
    const records = [
      {
        key: Buffer.from('abc'),
        value: Buffer.from('Hello'),
        headers: [['h', Buffer.from('ë!')] as const],
        timestamp: 7n,
      },
    ]
    expect(jsonOf(logBatch({ baseOffset: 15, records }))).toBe(
      '[{"topic":"my-topic-1","partition":3,"offset":15,"timestamp":7,"timestampType":"CREATE_TIME",' +
        '"key":"YWJj","value":"SGVsbG8=","headers":[{"h":[-61,-85,33]}]}]',
    )
  })

  it('leaves out a null key and a null value, and keeps empty ones', () => {
    const records = recordsOf({ baseOffset: 0, records: [{}, { key: Buffer.alloc(0), value: Buffer.alloc(0) }] })
    expect(records.map((record) => 'key' in record || 'value' in record)).toEqual([false, true])
    expect(records[1]).toMatchObject({ key: '', value: '' })
  })

  it('keeps duplicate, empty, null and non-ASCII headers in their order', () => {
    const headers: LogRecordInput['headers'] = [
      ['b', Buffer.from([0, 127, 128, 255])],
      ['10', null],
      ['b', Buffer.alloc(0)],
      ['grüße "quoted" \u2028', Buffer.from('x')],
      ['__proto__', Buffer.from('y')],
    ]
    expect(jsonOf(logBatch({ baseOffset: 0, records: [{ headers }] }))).toContain(
      '"headers":[{"b":[0,127,-128,-1]},{"10":null},{"b":[]},{"grüße \\"quoted\\" \u2028":[120]},{"__proto__":[121]}]',
    )
  })

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)('reads batches packed with %s', (codec) => {
    const value = Buffer.alloc(100_000, 'twinshore ')
    const [first, second] = recordsOf({ baseOffset: 4, codec, records: [{ value }, { value }] })
    expect(Buffer.from(first?.value ?? '', 'base64').equals(value)).toBe(true)
    expect(second?.offset).toBe(5)
  })

  it.each([
    ['the epoch', 0n],
    ['before the epoch', -1n],
    ['no timestamp that a number holds', -(2n ** 63n)],
    ['the end of time', 2n ** 63n - 1n],
    ['27 years ahead', 2_644_745_018_331n],
  ])('keeps a timestamp of %s to the last digit', (_when, timestamp) => {
    const json = jsonOf(logBatch({ baseOffset: 0, records: [{ timestamp }, { timestamp: 5n }, { timestamp }] }))
    expect([...json.matchAll(/"timestamp":(-?\d+)/g)].map(([, digits]) => digits)).toEqual([
      String(timestamp),
      '5',
      String(timestamp),
    ])
  })

  it('gives all records of a batch the time of the broker that stamped it', () => {
    const records = recordsOf({ baseOffset: 0, attributes: 8, records: [{ timestamp: 1n }, { timestamp: 9n }] })
    expect(records.map(({ timestamp, timestampType }) => [timestamp, timestampType])).toEqual([
      [9, 'LOG_APPEND_TIME'],
      [9, 'LOG_APPEND_TIME'],
    ])
  })

  it('starts at the offset that was asked for, in the middle of a batch', () => {
    expect(recordsOf({ baseOffset: 10, records: [{}, {}, {}] }, 11).map(({ offset }) => offset)).toEqual([11, 12])
  })

  it('says where each record ends, so that events can be cut anywhere', () => {
    const batch = logBatch({ baseOffset: 0, records: [{ value: Buffer.alloc(5) }, {}, { value: Buffer.alloc(300) }] })
    const { json, ends, offsets } = encodeRecords(fetchedBatches(batch), partition, 0, new BufferPool())
    const cut = ends.map((end, record) => json.toString('utf8', ends[record - 1] ?? 0, end))
    expect(cut.every((text) => text.startsWith('{"topic"') && text.endsWith('},'))).toBe(true)
    expect(offsets).toEqual([0, 1, 2])
  })

  it('writes over a used buffer without a trace of what was in it', () => {
    const pool = new BufferPool()
    const before = encodeRecords(
      fetchedBatches(logBatch({ baseOffset: 0, records: [{ value: Buffer.alloc(900) }] })),
      partition,
      0,
      pool,
    )
    before.release(1)
    const batch = logBatch({ baseOffset: 7, records: [{ value: Buffer.from('a') }] })
    expect(jsonOf(batch, 0, pool)).toBe(jsonOf(batch))
  })

  it('refuses a record that is not as long as it says', () => {
    const batch = logBatch({ baseOffset: 0, records: [{ value: Buffer.from('value') }] })
    const lengthOfValue = batch.length - 7
    batch.writeUInt8(batch.readUInt8(lengthOfValue) - 2, lengthOfValue)
    expect(() => jsonOf(batch)).toThrow(/at 0: the record is not as long as it says/)
  })

  it('carries every byte of any record', () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 10 }), fc.uint8Array({ minLength: 60, maxLength: 300 }))
    const nullable = fc.option(bytes.map((array) => Buffer.from(array)))
    const record: fc.Arbitrary<LogRecordInput> = fc.record({
      key: nullable,
      value: nullable,
      headers: fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), nullable), { maxLength: 4 }),
      timestamp: fc.bigInt({ min: -(2n ** 53n) + 1n, max: 2n ** 53n - 1n }),
    })
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), (inputs) => {
        const outputs = recordsOf({ baseOffset: 0, records: inputs })
        expect(outputs).toHaveLength(inputs.length)
        for (const [index, { key = null, value = null, headers = [], timestamp }] of inputs.entries()) {
          const output = outputs[index]
          expect(output?.key === undefined ? null : Buffer.from(output.key, 'base64')).toEqual(key)
          expect(output?.value === undefined ? null : Buffer.from(output.value, 'base64')).toEqual(value)
          expect(output?.timestamp).toBe(Number(timestamp))
          expect(output?.headers.map((header) => Object.keys(header)[0])).toEqual(headers.map(([name]) => name))
          expect(output?.headers.map((header) => bytesOf(Object.values(header)[0] ?? null))).toEqual(
            headers.map(([, bytes]) => bytes),
          )
        }
      }),
    )
  })
})
