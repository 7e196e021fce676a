import type { TailLife } from '../shared/domain/failover/exported-tail.ts'
import type { LogRecord } from '../shared/domain/log-record.ts'

/** Bytes for people and programs: text where they are text, so that both are told apart and nothing is lost. */
export type Legible = string | { readonly base64: string } | null

/** No control characters but those of texts, nor any that turn the line around: a terminal obeys them. */
const UNFIT = /[^\P{Cc}\t\n\r]|[\u202A-\u202E\u2066-\u2069]/u

export const legible = (bytes: Uint8Array | null): Legible => {
  if (bytes === null) return null
  const text = textIn(bytes)
  return text === undefined || UNFIT.test(text) ? { base64: Buffer.from(bytes).toString('base64') } : text
}

const textIn = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** A line of JSON. Offsets are decimal digits, since not every reader of JSON has 64 bits. */
export const recordLine = ({ topic, partition, incarnation }: TailLife, record: LogRecord): string => {
  const { offset, timestamp, key, value, headers } = record
  return JSON.stringify({
    topic,
    partition,
    incarnation,
    offset: offset.toString(),
    timestamp,
    key: legible(key),
    value: legible(value),
    headers: headers.map((header) => [legible(header.name), legible(header.value)]),
  })
}

/** For people: quoted, so that the beginning and the end of a text are seen. */
export const recordText = ({ topic, partition }: TailLife, record: LogRecord): string => {
  const { offset, timestamp, key, value, headers } = record
  return [
    `${topic}-${partition} offset ${offset}, ${momentText(timestamp)}`,
    `  key    ${quoted(key)}`,
    ...headers.map((header) => `  header ${quoted(header.name)} = ${quoted(header.value)}`),
    `  value  ${quoted(value)}`,
  ].join('\n')
}

const quoted = (bytes: Uint8Array | null): string => {
  const content = legible(bytes)
  return content === null || typeof content === 'string' ? JSON.stringify(content) : `base64 ${content.base64}`
}

/** The largest distance from 1970 that a `Date` has; a producer's timestamp can be anything. */
const FARTHEST_MS = 8.64e15

const momentText = (timestamp: number): string =>
  Math.abs(timestamp) <= FARTHEST_MS ? new Date(timestamp).toISOString() : `timestamp ${timestamp}`
