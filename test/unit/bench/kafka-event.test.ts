import { describe, expect, it } from 'vitest'
import { eventTemplate } from '../../../bench/produce/kafka-event.ts'
import { type RecordShape, SHAPES, valuesOf } from '../../../bench/produce/record-shape.ts'
import { parseKafkaEvent } from '../../../shared/adapters/lambda/kafka-event.ts'

const PAYLOAD_BYTES = 6 * 1024 * 1024
const MOST_RECORDS = 10_000

const parsed = (text: Buffer) => parseKafkaEvent(JSON.parse(text.toString('utf8')))

describe.each(SHAPES.map((shape): [string, RecordShape] => [shape.name, shape]))(
  'events of %s records',
  (_name, shape) => {
    const event = eventTemplate(shape, 'topic-with-dash', 8)

    it('are as full as AWS makes them, and no fuller', () => {
      const perRecord = event.text.length / event.records
      expect(event.text.length).toBeLessThanOrEqual(PAYLOAD_BYTES)
      expect(event.records === MOST_RECORDS || event.text.length + perRecord * 2 > PAYLOAD_BYTES).toBe(true)
    })

    it('are read by the product, whole, with the values that other clients get', () => {
      const { batches, malformed } = parsed(event.text)
      expect(malformed).toEqual([])
      const values = batches.map(({ records }) => records.map(({ value }) => value))
      expect(values).toEqual(event.values.map((share) => share.map((value) => value.toString('base64'))))
      expect(event.valueBytes).toBe(event.records * shape.valueBytes)
    })

    it('follow each other without a hole', () => {
      event.moveTo(0)
      const before = parsed(event.text).batches
      event.moveTo(1)
      const after = parsed(event.text).batches
      expect(after.map(({ records }) => records[0].offset)).toEqual(
        before.map(({ records }) => (records.at(-1)?.offset ?? 0) + 1),
      )
    })
  },
)

describe('values', () => {
  it.each(SHAPES.map((shape): [string, RecordShape] => [shape.name, shape]))(
    'of %s have that size and stay on one line of a file',
    (_name, shape) => {
      const values = valuesOf(shape)
      expect(values.every(({ length }) => length === shape.valueBytes)).toBe(true)
      expect(values.some((value) => value.includes('\n'))).toBe(false)
    },
  )

  it('of JSON are JSON', () => {
    const [json] = SHAPES.filter(({ content }) => content === 'json')
    for (const value of json ? valuesOf(json).slice(0, 50) : [])
      expect(() => JSON.parse(value.toString())).not.toThrow()
  })
})

describe('an event of few large records', () => {
  it('leaves out partitions that have none', () => {
    const large: RecordShape = { name: 'large', valueBytes: 900_000, content: 'text', compression: 'none' }
    const event = eventTemplate(large, 'large', 8)
    expect(parsed(event.text).malformed).toEqual([])
    expect(parsed(event.text).batches.length).toBe(event.records)
  })
})
