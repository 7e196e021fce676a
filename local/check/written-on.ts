import { PROVENANCE_HEADER } from '../../shared/domain/provenance.ts'
import type { RecordView } from './log-reader.ts'
import type { LogHeader, LogRecord } from './record-batch-reader.ts'

const WRITER_HEADER = 'written-on'

/** The header in which an application says on which cluster it wrote; nothing of the product reads it. */
export const writerHeader = (cluster: string): LogHeader => ({
  name: Buffer.from(WRITER_HEADER),
  value: Buffer.from(cluster),
})

const isNamed =
  (name: string) =>
  (header: LogHeader): boolean =>
    header.name.toString() === name

export const isWriter = isNamed(WRITER_HEADER)

export const writerOf = ({ headers }: LogRecord): string | undefined => headers.find(isWriter)?.value?.toString()

/** Records as applications wrote them: without what replication adds. */
export const asWritten = (record: LogRecord): LogRecord => {
  const isOurs = isNamed(PROVENANCE_HEADER)
  return { ...record, headers: record.headers.filter((header) => !isOurs(header)) }
}

/** The records that applications wrote on that cluster, as they wrote them. */
export const writtenOn =
  (cluster: string): RecordView =>
  (record) =>
    writerOf(record) === cluster ? asWritten(record) : undefined

/** The copies, on any other cluster, of what was written on that one and that do not say so in exactly one header. */
export const withoutOrigin =
  (cluster: string, clusterId: string): RecordView =>
  (record) => {
    if (writerOf(record) !== cluster) return undefined
    const said = record.headers.filter(isNamed(PROVENANCE_HEADER)).map(({ value }) => value?.toString().split(';')[1])
    return said.length === 1 && said[0] === clusterId ? undefined : record
  }
