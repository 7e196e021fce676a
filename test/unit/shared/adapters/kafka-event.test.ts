import { describe, expect, it } from 'vitest'
import { parseKafkaEvent } from '../../../../shared/adapters/lambda/kafka-event.ts'

const record = (over: object = {}) => ({
  topic: 'a-b',
  partition: 3,
  offset: 15,
  timestamp: 1545084650987,
  timestampType: 'CREATE_TIME',
  key: 'a2V5',
  value: 'dmFsdWU=',
  headers: [{ headerKey: [104, -61] }],
  ...over,
})

const eventOf = (...records: unknown[]) => ({ eventSource: 'SelfManagedKafka', records: { 'a-b-3': records } })

describe('parseKafkaEvent', () => {
  it('reads what AWS documents, for MSK and for self-managed clusters', () => {
    const expected = [
      {
        topic: 'a-b',
        partition: 3,
        records: [
          {
            offset: 15,
            timestamp: 1545084650987,
            key: 'a2V5',
            value: 'dmFsdWU=',
            headers: [{ name: 'headerKey', value: [104, -61] }],
          },
        ],
      },
    ]
    expect(parseKafkaEvent(eventOf(record()))).toEqual({ batches: expected, malformed: [] })
    const msk = { ...eventOf(record()), eventSource: 'aws:kafka', eventSourceArn: 'arn:aws:kafka:…' }
    expect(parseKafkaEvent(msk).batches).toEqual(expected)
  })

  it.each([
    ['an absent value is a tombstone', { value: undefined }, { value: null }],
    ['a null value is a tombstone', { value: null }, { value: null }],
    ['an empty value is not', { value: '' }, { value: '' }],
    ['an absent key is null', { key: undefined }, { key: null }],
    ['an empty key is not', { key: '' }, { key: '' }],
    ['absent headers are none', { headers: undefined }, { headers: [] }],
    ['a null header value stays null', { headers: [{ h: null }] }, { headers: [{ name: 'h', value: null }] }],
    ['an empty header value stays empty', { headers: [{ h: [] }] }, { headers: [{ name: 'h', value: [] }] }],
    [
      'duplicate and integer-like headers keep their order',
      { headers: [{ b: [1] }, { '2': [2] }, { b: [3] }] },
      {
        headers: [
          { name: 'b', value: [1] },
          { name: '2', value: [2] },
          { name: 'b', value: [3] },
        ],
      },
    ],
    [
      'a header of any name',
      { headers: JSON.parse('[{"__proto__":[1]}]') },
      { headers: [{ name: '__proto__', value: [1] }] },
    ],
    ['a timestamp before 1970', { timestamp: -1 }, { timestamp: -1 }],
  ])('%s', (_what, given, expected) => {
    expect(parseKafkaEvent(eventOf(record(given))).batches[0]?.records[0]).toMatchObject(expected)
  })

  it.each([
    ['null', null],
    ['a text', 'records'],
    ['an event of another service', { Records: [] }],
    ['records that are a list', { records: [] }],
  ])('refuses %s as a whole', (_what, event) => {
    expect(() => parseKafkaEvent(event)).toThrow(/EVENT_MALFORMED/)
  })

  it.each([
    ['no list', { not: 'a list' }],
    ['an empty list', []],
    ['a record that is no object', [7]],
    ['no topic', [record({ topic: undefined })]],
    ['a partition that is no number', [record({ partition: '3' })]],
    ['a negative partition', [record({ partition: -1 })]],
    ['records of two partitions', [record(), record({ offset: 16, partition: 4 })]],
    ['an offset beyond what a number holds', [record({ offset: 2 ** 53 })]],
    ['an offset that is a text', [record({ offset: '15' })]],
    ['offsets that go back', [record(), record({ offset: 14 })]],
    ['the same offset twice', [record(), record()]],
    ['no timestamp', [record({ timestamp: undefined })]],
    ['a key that is no text', [record({ key: [1] })]],
    ['headers that are no list', [record({ headers: { a: [1] } })]],
    ['a header that is no object', [record({ headers: [7] })]],
    ['a header without a name', [record({ headers: [{}] })]],
    ['a header with two names', [record({ headers: [{ a: [1], b: [2] }] })]],
    ['a header value that is a text', [record({ headers: [{ a: 'text' }] })]],
    ['a header byte out of range', [record({ headers: [{ a: [256] }] })]],
  ])('refuses a partition with %s, without its content, and reads its neighbours', (_what, records) => {
    const good = record({ partition: 1 })
    const { batches, malformed } = parseKafkaEvent({ records: { 'a-b-3': records, 'a-b-1': [good] } })
    expect(batches.map(({ partition }) => partition)).toEqual([1])
    expect(malformed).toMatchObject([{ where: 'a-b-3', error: { code: 'EVENT_MALFORMED' } }])
    expect(malformed[0]?.error.message).not.toContain('dmFsdWU')
  })

  it('refuses the second list of one partition', () => {
    const { batches, malformed } = parseKafkaEvent({ records: { x: [record()], y: [record({ offset: 16 })] } })
    expect(batches).toHaveLength(1)
    expect(malformed).toHaveLength(1)
  })
})
