import { type RecordShape, valuesOf } from './record-shape.ts'

/** What AWS lets one invocation carry; `BatchSize` cannot be set higher. */
const PAYLOAD_BYTES = 6 * 1024 * 1024
const MOST_RECORDS = 10_000

/** High enough that all offsets of a contest have the same number of digits. */
export const FIRST_OFFSET = 1_000_000_000
const OFFSET_DIGITS = String(FIRST_OFFSET).length
const ZERO = '0'.charCodeAt(0)
const OFFSET_MARK = '"offset":'

const FRAME = ['{"eventSource":"SelfManagedKafka","bootstrapServers":"127.0.0.1:9092","records":{', '}}'] as const

/** One full event as JSON text, whose offsets are moved on from invocation to invocation, in place. */
export interface EventTemplate {
  readonly text: Buffer
  /** Record values by partition, as other clients take them. */
  readonly values: readonly (readonly Buffer[])[]
  readonly valueBytes: number
  readonly records: number
  /** Makes it the event that follows `before` others of the same template. */
  moveTo(before: number): void
}

const recordText = (topic: string, partition: number, value: Buffer): string =>
  `{"topic":${JSON.stringify(topic)},"partition":${partition},${OFFSET_MARK}${FIRST_OFFSET},` +
  `"timestamp":${Date.now()},"timestampType":"CREATE_TIME","value":"${value.toString('base64')}","headers":[]}`

/** As many records as fit, spread evenly over the partitions. */
const shareOut = (topic: string, partitions: number, pool: readonly Buffer[], most: number): Buffer[][] => {
  const shares: Buffer[][] = Array.from({ length: partitions }, () => [])
  let room = PAYLOAD_BYTES - FRAME.join('').length - partitions * (topic.length + 10)
  for (let number = 0; number < most; number++) {
    const value = pool[number % pool.length] ?? Buffer.alloc(0)
    room -= recordText(topic, number % partitions, value).length + 1
    if (room < 0) break
    shares[number % partitions]?.push(value)
  }
  return shares
}

const render = (topic: string, values: readonly (readonly Buffer[])[]): Buffer => {
  const sections = values.flatMap((share, partition) => {
    const records = share.map((value) => recordText(topic, partition, value))
    return records.length === 0 ? [] : [`${JSON.stringify(`${topic}-${partition}`)}:[${records.join(',')}]`]
  })
  return Buffer.from(FRAME.join(sections.join(',')))
}

/** Where the digits of each offset are, partition by partition. */
const findOffsets = (text: Buffer, values: readonly (readonly Buffer[])[]): number[][] => {
  let at = 0
  return values.map((share) =>
    share.map(() => {
      at = text.indexOf(OFFSET_MARK, at) + OFFSET_MARK.length
      return at
    }),
  )
}

/** Thousands are written before each invocation, while the watch runs: a text for each took a fiftieth of the time. */
const writeDigits = (text: Buffer, at: number, offset: number): void => {
  let rest = offset
  for (let place = at + OFFSET_DIGITS - 1; place >= at; place--) {
    text[place] = ZERO + (rest % 10)
    rest = Math.floor(rest / 10)
  }
}

/** `most` bounds the records where fewer than fit are wanted. */
export const eventTemplate = (
  shape: RecordShape,
  topic: string,
  partitions: number,
  most = MOST_RECORDS,
): EventTemplate => {
  const values = shareOut(topic, partitions, valuesOf(shape), most)
  const text = render(topic, values)
  const places = findOffsets(text, values)
  const moveTo = (before: number): void => {
    for (const share of places)
      for (const [index, at] of share.entries()) writeDigits(text, at, FIRST_OFFSET + before * share.length + index)
  }
  moveTo(0)
  const records = values.flat()
  const valueBytes = records.reduce((sum, value) => sum + value.length, 0)
  return { text, values, valueBytes, records: records.length, moveTo }
}
