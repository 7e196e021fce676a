import type { LogRecord } from '../log-record.ts'
import { PROVENANCE_HEADER } from '../provenance.ts'
import type { PolledHeader, PolledRecord } from '../record.ts'

/** Where a record was written that came late: its topic and partition are those where it is found. */
export interface StrandedOrigin {
  /** The name of the cluster in the topology. */
  readonly cluster: string
  readonly offset: bigint
}

/** Header of a record that a failover had left behind, and that was appended after it. */
export const STRANDED_HEADER = 'twinshore.stranded'

const SEPARATOR = ' '

/** For people too: `west 4711`; names of clusters have no space in them. */
const strandedHeader = ({ cluster, offset }: StrandedOrigin): PolledHeader => ({
  name: STRANDED_HEADER,
  value: [...Buffer.from(`${cluster}${SEPARATOR}${offset}`)],
})

/** The record as it was. */
export const strandedRecord = (record: LogRecord): PolledRecord => ({
  offset: Number(record.offset),
  timestamp: record.timestamp,
  key: base64(record.key),
  value: base64(record.value),
  headers: record.headers.map(({ name, value }) => ({
    name: Buffer.from(name).toString(),
    value: value === null ? null : [...value],
  })),
})

/** The record as it comes late, with where it was written. */
export const withStrandedOrigin = (record: PolledRecord, cluster: string): PolledRecord => ({
  ...record,
  headers: [...record.headers, strandedHeader({ cluster, offset: BigInt(record.offset) })],
})

/** `undefined`: the record did not come late. An application may have such a header; the last one is ours, but for provenance. */
export const strandedOrigin = ({ headers }: Pick<LogRecord, 'headers'>): StrandedOrigin | undefined => {
  const { name, value } = headers.findLast((header) => nameOf(header) !== PROVENANCE_HEADER) ?? {}
  if (name === undefined || value === null || value === undefined) return undefined
  if (nameOf({ name }) !== STRANDED_HEADER) return undefined
  const [, cluster, digits] = /^(\S+) (\d{1,19})$/.exec(Buffer.from(value).toString()) ?? []
  return cluster === undefined || digits === undefined ? undefined : { cluster, offset: BigInt(digits) }
}

const nameOf = ({ name }: Pick<LogRecord['headers'][number], 'name'>): string => Buffer.from(name).toString()

const base64 = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('base64')
