import { Hash64 } from '../hash64.ts'
import type { LogHeader, LogRecord } from '../log-record.ts'
import { isProvenanceText, PROVENANCE_HEADER } from '../provenance.ts'

/** What of a record is compared; of its bytes only hashes and sizes. */
export interface RecordDigest {
  readonly key: string
  readonly value: string
  readonly headers: string
  readonly timestamp: number
  readonly timestampIsBrokers: boolean
}

export type RecordField = 'key' | 'value' | 'headers' | 'timestamp'

export interface DigestOptions {
  /** Whether the link writes provenance: then these headers are ours, and no difference. */
  readonly provenance: boolean
}

export const digestOf = (record: LogRecord, { provenance }: DigestOptions): RecordDigest => ({
  key: contentDigest(record.key),
  value: contentDigest(record.value),
  headers: headersDigest(provenance ? record.headers.filter((header) => !isOurs(header)) : record.headers),
  timestamp: record.timestamp,
  timestampIsBrokers: record.timestampIsBrokers === true,
})

/** The first field in which two records differ. A timestamp that the target's broker set says nothing about the record. */
export const differenceOf = (source: RecordDigest, target: RecordDigest): RecordField | undefined => {
  for (const field of ['key', 'value', 'headers'] as const) if (source[field] !== target[field]) return field
  return target.timestampIsBrokers || source.timestamp === target.timestamp ? undefined : 'timestamp'
}

/** The same for two records that differ in nothing but where they are, and when that is not to be compared. */
export const contentOf = ({ key, value, headers }: RecordDigest): string => `${key} ${value} ${headers}`

export const wholeOf = (digest: RecordDigest): string => `${digest.timestamp} ${contentOf(digest)}`

const contentDigest = (content: Uint8Array | null): string =>
  content === null ? 'null' : `${content.length}.${new Hash64().bytes(content).hex}`

const headersDigest = (headers: readonly LogHeader[]): string => {
  const hash = new Hash64()
  for (const { name, value } of headers)
    hash
      .text(` ${name.length} ${value?.length ?? 'null'} `)
      .bytes(name)
      .bytes(value ?? NOTHING)
  return `${headers.length}.${hash.hex}`
}

const NOTHING = new Uint8Array()
const OUR_NAME = Uint8Array.from(PROVENANCE_HEADER, (letter) => letter.charCodeAt(0))

const isOurs = ({ name, value }: LogHeader): boolean =>
  value !== null &&
  name.length === OUR_NAME.length &&
  OUR_NAME.every((byte, at) => byte === name[at]) &&
  isProvenanceText(String.fromCharCode(...value.subarray(0, LONGEST_LOOKED_AT)))

/** More than a value of ours has, so that a longer one is told from it. */
const LONGEST_LOOKED_AT = 4_096

export const bearsProvenance = ({ headers }: LogRecord): boolean => headers.some(isOurs)
