import type { PartitionId } from '../../shared/domain/record.ts'
import { hashBytes, hashSequence } from './bytes-hash.ts'
import type { LogRecord } from './record-batch-reader.ts'

export const FIELDS = ['key', 'value', 'headers', 'timestamp'] as const
export type Field = (typeof FIELDS)[number]

/** What a committed reader sees of a record: `pending` belongs to a transaction that is still open. */
export const VISIBILITIES = ['committed', 'aborted', 'pending'] as const
export type Visibility = (typeof VISIBILITIES)[number]

const FIRST_CAPACITY = 1024
/** Two halves each for key, value and headers. */
const HASHES = 6

/**
 * The data records of one partition as fingerprints in columns, 41 bytes a record, so that two logs of some million
 * records are compared in memory. Bounds are those of the whole log, markers included.
 */
export class PartitionLog {
  readonly partition: PartitionId
  logStart = 0n
  logEnd = 0n
  /** Keys, values and headers. */
  sizeBytes = 0
  #size = 0
  #offsets = new BigInt64Array(FIRST_CAPACITY)
  #timestamps = new Float64Array(FIRST_CAPACITY)
  #hashes = new Uint32Array(FIRST_CAPACITY * HASHES)
  #visibilities = new Uint8Array(FIRST_CAPACITY)

  constructor(partition: PartitionId) {
    this.partition = partition
  }

  get size(): number {
    return this.#size
  }

  append(record: LogRecord, visibility: Visibility): void {
    if (this.#size > 0 && record.offset <= this.offset(this.#size - 1))
      throw new Error(`reading ${this.partition.topic}-${this.partition.partition}: offset ${record.offset} came again`)
    if (this.#size === this.#timestamps.length) this.#grow()
    const at = this.#size++
    this.sizeBytes += contentBytes(record)
    this.#offsets[at] = record.offset
    this.#timestamps[at] = record.timestamp
    this.#visibilities[at] = VISIBILITIES.indexOf(visibility)
    this.#hashes.set(hashBytes(record.key), at * HASHES)
    this.#hashes.set(hashBytes(record.value), at * HASHES + 2)
    this.#hashes.set(hashHeaders(record), at * HASHES + 4)
  }

  offset(at: number): bigint {
    return this.#offsets[at] ?? missing(at)
  }

  visibility(at: number): Visibility {
    return VISIBILITIES[this.#visibilities[at] ?? 0] ?? missing(at)
  }

  /** The position of the first record whose offset is not below `offset`; `size` when there is none. */
  positionOf(offset: bigint): number {
    let low = 0
    let high = this.#size
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.offset(middle) < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Whether all that a replica must keep is the same: key, value, headers in order, timestamp. */
  equals(at: number, other: PartitionLog, otherAt: number): boolean {
    if (this.#timestamps[at] !== other.#timestamps[otherAt]) return false
    for (let i = 0; i < HASHES; i++)
      if (this.#hashes[at * HASHES + i] !== other.#hashes[otherAt * HASHES + i]) return false
    return true
  }

  differences(at: number, other: PartitionLog, otherAt: number): Field[] {
    return FIELDS.filter((field) => this.#field(field, at) !== other.#field(field, otherAt))
  }

  /** The same for equal records and for no others. */
  identity(at: number): string {
    return `${this.#hashes.subarray(at * HASHES, (at + 1) * HASHES).join(':')}@${this.#timestamps[at]}`
  }

  #field(field: Field, at: number): string {
    if (field === 'timestamp') return String(this.#timestamps[at])
    const from = at * HASHES + FIELDS.indexOf(field) * 2
    return this.#hashes.subarray(from, from + 2).join(':')
  }

  #grow(): void {
    const capacity = this.#timestamps.length * 2
    this.#offsets = copyInto(new BigInt64Array(capacity), this.#offsets)
    this.#timestamps = copyInto(new Float64Array(capacity), this.#timestamps)
    this.#hashes = copyInto(new Uint32Array(capacity * HASHES), this.#hashes)
    this.#visibilities = copyInto(new Uint8Array(capacity), this.#visibilities)
  }
}

const contentBytes = ({ key, value, headers }: LogRecord): number =>
  headers.reduce(
    (bytes, header) => bytes + header.name.length + (header.value?.length ?? 0),
    (key?.length ?? 0) + (value?.length ?? 0),
  )

const hashHeaders = ({ headers }: LogRecord) =>
  hashSequence(headers.flatMap(({ name, value }) => [hashBytes(name), hashBytes(value)]))

const copyInto = <Column extends { set(from: Column): void }>(to: Column, from: Column): Column => {
  to.set(from)
  return to
}

const missing = (at: number): never => {
  throw new RangeError(`position ${at} is outside of the log`)
}
