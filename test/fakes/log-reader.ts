import { ReplicationError } from '../../shared/domain/errors.ts'
import type { LogRecord, RecordlessStretch } from '../../shared/domain/log-record.ts'
import { type PartitionId, partitionName } from '../../shared/domain/record.ts'
import type {
  LogEdges,
  LogRead,
  LogReader,
  NewestRecord,
  PerPartition,
  ReadLimits,
} from '../../shared/usecases/log-ports.ts'

type NewRecord = Omit<LogRecord, 'offset'>
type Entry = { readonly offset: bigint } & (
  | { readonly kind: 'record'; readonly record: LogRecord }
  | { readonly kind: 'marker' }
)

interface Log {
  start: bigint
  end: bigint
  /** Of a transaction that is open. */
  openFrom: bigint | undefined
  entries: Entry[]
}

/** How many records a fetch brings, whatever their sizes. */
const RECORDS_PER_READ = 7
const FIRST_PIECE_RECORDS = 4

/** Logs of partitions in memory; what a test leaves out was compacted. */
export class FakeLogReader implements LogReader {
  readonly side: 'source' | 'target'
  reachable = true
  reads = 0
  readonly #logs = new Map<string, Log>()

  constructor(side: 'source' | 'target' = 'source') {
    this.side = side
  }

  createTopic(topic: string, partitions = 1): void {
    for (let partition = 0; partition < partitions; partition++)
      this.#logs.set(partitionName({ topic, partition }), { start: 0n, end: 0n, openFrom: undefined, entries: [] })
  }

  /** Returns the offset of the first one. */
  append(partition: PartitionId, ...records: readonly NewRecord[]): bigint {
    const log = this.#log(partition)
    const first = log.end
    for (const record of records) log.entries.push({ kind: 'record', ...placed({ ...record, offset: log.end++ }) })
    return first
  }

  appendMarker(partition: PartitionId): void {
    const log = this.#log(partition)
    log.entries.push({ kind: 'marker', offset: log.end++ })
  }

  /** Records of one transaction and its marker; of an open one there is none yet. */
  appendTransaction(partition: PartitionId, end: 'commit' | 'abort' | 'open', ...records: readonly NewRecord[]): void {
    const log = this.#log(partition)
    if (end === 'open') log.openFrom ??= log.end
    this.append(
      partition,
      ...records.map((record) => (end === 'abort' ? { ...record, aborted: true as const } : record)),
    )
    if (end !== 'open') this.appendMarker(partition)
  }

  /** As compaction does it. */
  compactAway(partition: PartitionId, ...offsets: readonly bigint[]): void {
    const log = this.#log(partition)
    log.entries = log.entries.filter(({ offset }) => !offsets.includes(offset))
  }

  deleteBelow(partition: PartitionId, start: bigint): void {
    const log = this.#log(partition)
    log.start = start
    log.entries = log.entries.filter(({ offset }) => offset >= start)
  }

  /** Puts another record in the place of one. */
  replace(partition: PartitionId, offset: bigint, change: (record: LogRecord) => LogRecord): void {
    const log = this.#log(partition)
    log.entries = log.entries.map((entry) =>
      entry.kind === 'record' && entry.offset === offset
        ? { kind: 'record', offset, record: change(entry.record) }
        : entry,
    )
  }

  async edges(partitions: readonly PartitionId[]): Promise<PerPartition<LogEdges>> {
    return this.#answers(partitions, edgesOf)
  }

  async newest(partitions: readonly PartitionId[]): Promise<PerPartition<NewestRecord | undefined>> {
    return this.#answers(partitions, (log) => {
      const [first, ...others] = recordsIn(log)
      if (first === undefined) return undefined
      const { offset, timestamp } = others.reduce(
        (newest, one) => (one.timestamp > newest.timestamp ? one : newest),
        first,
      )
      return { offset, timestamp }
    })
  }

  async firstSince(partitions: readonly PartitionId[], timestamp: number): Promise<PerPartition<bigint | undefined>> {
    return this.#answers(partitions, (log) => recordsIn(log).find((record) => record.timestamp >= timestamp)?.offset)
  }

  async read(partition: PartitionId, from: bigint, { isolation }: ReadLimits): Promise<LogRead> {
    this.reads++
    const log = this.#log(partition)
    const edges = edgesOf(log)
    if (from < edges.start || from > edges.end) return { kind: 'out-of-range', edges }
    const end = isolation === 'uncommitted' ? edges.end : edges.stableEnd
    const seen = log.entries.filter(({ offset }) => offset >= from && offset < end).slice(0, RECORDS_PER_READ)
    const content = seen.map((entry) => seenAs(entry, isolation))
    const last = seen.at(-1)?.offset
    const isLast = !log.entries.some(({ offset }) => offset > (last ?? from) && offset < end)
    return {
      kind: 'read',
      records: content.filter((one) => 'timestamp' in one),
      recordless: content.filter((one) => 'kind' in one),
      next: isLast ? (end > from ? end : from) : (last ?? from) + 1n, // of the last batch compaction leaves a shell
    }
  }

  /** Two of a read that brings more than one record. */
  async *pieces(partition: PartitionId, from: bigint, limits: ReadLimits): AsyncGenerator<LogRead> {
    const read = await this.read(partition, from, limits)
    const cut = read.kind === 'read' ? read.records.at(FIRST_PIECE_RECORDS)?.offset : undefined
    if (read.kind === 'read' && cut !== undefined) {
      const { records, recordless, next } = read
      const isEarly = ({ offset }: LogRecord) => offset < cut
      const early = recordless.filter((stretch) => stretch.from < cut)
      yield { kind: 'read', records: records.filter(isEarly), recordless: early, next: cut }
      const late = recordless.filter((stretch) => stretch.from >= cut)
      yield { kind: 'read', records: records.filter((record) => !isEarly(record)), recordless: late, next }
    } else yield read
  }

  #log(partition: PartitionId): Log {
    const log = this.#logs.get(partitionName(partition))
    if (!this.reachable) throw this.#error('UNREACHABLE', partition)
    if (log === undefined) throw this.#error('TOPIC_UNKNOWN', partition)
    return log
  }

  #error(what: 'UNREACHABLE' | 'TOPIC_UNKNOWN', partition: PartitionId): ReplicationError {
    const code = `${this.side === 'source' ? 'SOURCE' : 'TARGET'}_${what}` as const
    return new ReplicationError(code, `looking at the log of ${partitionName(partition)}`)
  }

  #answers<Answer>(partitions: readonly PartitionId[], answer: (log: Log) => Answer): PerPartition<Answer> {
    return new Map(
      partitions.map((partition): [string, Answer | ReplicationError] => {
        try {
          return [partitionName(partition), answer(this.#log(partition))]
        } catch (error) {
          if (error instanceof ReplicationError) return [partitionName(partition), error]
          throw error
        }
      }),
    )
  }
}

const placed = (record: LogRecord) => ({ offset: record.offset, record })

const edgesOf = ({ start, end, openFrom }: Log): LogEdges => ({ start, stableEnd: openFrom ?? end, end })

const recordsIn = ({ entries }: Log): LogRecord[] =>
  entries.flatMap((entry) => (entry.kind === 'record' ? [entry.record] : []))

const seenAs = (entry: Entry, isolation: ReadLimits['isolation']): LogRecord | RecordlessStretch => {
  const { offset } = entry
  if (entry.kind === 'marker') return { from: offset, to: offset + 1n, kind: 'marker' }
  const { aborted, ...record } = entry.record
  if (aborted === undefined || isolation === 'marked') return entry.record
  return isolation === 'committed' ? { from: offset, to: offset + 1n, kind: 'aborted' } : record
}
