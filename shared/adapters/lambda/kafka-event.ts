import { ReplicationError } from '../../domain/errors.ts'
import type { PartitionBatch, PolledHeader, PolledRecord } from '../../domain/record.ts'
import type { MalformedPart } from '../../usecases/ports.ts'

export interface ParsedEvent {
  readonly batches: readonly PartitionBatch[]
  /** One bad partition does not stop its neighbours: these are failed, the batches are replicated. */
  readonly malformed: readonly MalformedPart[]
}

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Parses what Lambda's Kafka poller sends. The published types of this event are wrong in four places: `key` and `value`
 * are absent for null (a tombstone), header bytes are signed, header values may be null, and one event may hold several
 * partitions. The keys of `records` are never parsed, since topic names contain `-`.
 */
export const parseKafkaEvent = (event: unknown): ParsedEvent => {
  if (!isObject(event) || !isObject(event['records'])) {
    throw new ReplicationError(
      'EVENT_MALFORMED',
      'reading the event: it has no "records"; no Kafka event source sent it',
    )
  }
  const batches = new Map<string, PartitionBatch>()
  const malformed: MalformedPart[] = []
  for (const [where, records] of Object.entries(event['records'])) {
    try {
      const batch = parseBatch(records)
      const name = `${batch.topic}-${batch.partition}`
      if (batches.has(name)) throw new Error(`${name} is there twice`)
      batches.set(name, batch)
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown'
      malformed.push({
        where,
        error: new ReplicationError('EVENT_MALFORMED', `reading "${where}" of the event: ${reason}`),
      })
    }
  }
  return { batches: [...batches.values()], malformed }
}

const parseBatch = (value: unknown): PartitionBatch => {
  if (!Array.isArray(value)) throw new Error('it is not a list of records')
  const [head] = value
  if (!isObject(head)) throw new Error('it has no records')
  const { topic, partition } = head
  if (typeof topic !== 'string' || topic === '') throw new Error('the first record has no topic')
  if (!isCount(partition)) throw new Error('the first record has no partition')
  const [first, ...others] = value.map((record, index) => parseRecord(record, index, topic, partition))
  if (first === undefined) throw new Error('it has no records')
  refuseDisorder([first, ...others])
  return { topic, partition, records: [first, ...others] }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const refuseDisorder = (records: readonly PolledRecord[]): void => {
  let before = -1
  for (const { offset } of records) {
    if (offset <= before) throw new Error(`offset ${offset} comes after offset ${before}`)
    before = offset
  }
}

const parseRecord = (value: unknown, index: number, topic: string, partition: number): PolledRecord => {
  if (!isObject(value)) throw new Error(`record ${index} is not an object`)
  if (value['topic'] !== topic || value['partition'] !== partition)
    throw new Error(`record ${index} is of another partition`)
  const { offset, timestamp } = value
  if (!isCount(offset)) throw new Error(`record ${index} has no usable offset`)
  if (typeof timestamp !== 'number' || !Number.isSafeInteger(timestamp))
    throw new Error(`offset ${offset} has no usable timestamp`)
  return {
    offset,
    timestamp,
    key: parseBytes(value['key'], offset, 'key'),
    value: parseBytes(value['value'], offset, 'value'),
    headers: parseHeaders(value['headers'], offset),
  }
}

/** Absent and null both mean null; the text itself is checked where it is decoded. */
const parseBytes = (value: unknown, offset: number, what: string): string | null => {
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') throw new Error(`the ${what} of offset ${offset} is not base64 text`)
  return value
}

const NO_HEADERS: readonly PolledHeader[] = []

const parseHeaders = (value: unknown, offset: number): readonly PolledHeader[] => {
  if (value === undefined || value === null) return NO_HEADERS
  if (!Array.isArray(value)) throw new Error(`the headers of offset ${offset} are not a list`)
  return value.length === 0 ? NO_HEADERS : value.map((header) => parseHeader(header, offset))
}

const parseHeader = (value: unknown, offset: number): PolledHeader => {
  const [entry, another] = isObject(value) ? Object.entries(value) : []
  if (entry === undefined || another !== undefined)
    throw new Error(`a header of offset ${offset} is not one name with its bytes`)
  const [name, bytes] = entry
  if (bytes === null || bytes === undefined) return { name, value: null }
  if (!isSignedBytes(bytes)) throw new Error(`a header of offset ${offset} is not a list of bytes`)
  return { name, value: bytes }
}

const isSignedBytes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((byte) => Number.isInteger(byte) && byte >= -128 && byte <= 255)
