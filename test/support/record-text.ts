import type { CorpusRecord } from '../../local/corpus/corpus-records.ts'

export const latin1 = (bytes: Buffer | null): string | null => (bytes === null ? null : bytes.toString('latin1'))

/** Equal for equal records and no others; strings of a megabyte compare faster than buffers do in assertions. */
export const recordText = ({ timestamp, key, value, headers }: CorpusRecord) => ({
  timestamp,
  key: latin1(key),
  value: latin1(value),
  headers: headers.map((header) => [latin1(header.name), latin1(header.value)]),
})
