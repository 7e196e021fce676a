import { ReplicationError } from '../../domain/errors.ts'
import type { LogContent } from '../../domain/log-record.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { LogStretch } from '../../domain/verify/comparison.ts'
import type { LogRead, LogReader } from '../log-ports.ts'
import type { Deadline } from '../ports.ts'
import { edgesOf } from './log-edges.ts'

const MAX_BYTES = 1024 * 1024
/** A leader that has just changed, or storage that is far away, may bring nothing at first. */
const EMPTY_READS = 4

/** One partition's log, read on and on; holds one piece of what a fetch brought, and uses it up before it goes on. */
export class LogStream {
  readonly #reader: LogReader
  readonly #partition: PartitionId
  readonly #deadline: Deadline
  #held: (LogContent & { readonly from: bigint }) | undefined
  /** What is left of the newest fetch, and where it goes on. */
  #rest: { readonly pieces: AsyncGenerator<LogRead>; readonly from: bigint } | undefined
  /** Where the log was last seen to begin. */
  #start = 0n

  constructor(reader: LogReader, partition: PartitionId, deadline: Deadline) {
    this.#reader = reader
    this.#partition = partition
    this.#deadline = deadline
  }

  /** Ends early where a transaction is open, so that nobody knows yet what is behind it. Not to be read twice at once. */
  async *between(from: bigint, to: bigint): AsyncGenerator<LogStretch> {
    for (let at = from; at < to; ) {
      const stretch = this.#fromHeld(at, to) ?? (await this.#read(at, to))
      if (stretch === undefined) return
      yield stretch
      at = stretch.to
    }
  }

  /** Lets go of what it holds. It may be read on all the same. */
  async close(): Promise<void> {
    this.#held = undefined
    await this.#rest?.pieces.return(undefined)
    this.#rest = undefined
  }

  #fromHeld(at: bigint, to: bigint): LogStretch | undefined {
    const held = this.#held
    if (held === undefined || at < held.from || at >= held.next) return undefined
    const end = held.next < to ? held.next : to
    return {
      from: at,
      to: end,
      records: held.records.slice(
        firstAt(held.records, ({ offset }) => offset >= at),
        firstAt(held.records, ({ offset }) => offset >= end),
      ),
      recordless: held.recordless.slice(
        firstAt(held.recordless, (stretch) => stretch.to > at),
        firstAt(held.recordless, (stretch) => stretch.from >= end),
      ),
      trimmed: false,
    }
  }

  async #read(at: bigint, to: bigint): Promise<LogStretch | undefined> {
    if (at < this.#start) return outOfRange(at, to, this.#start)
    for (let attempt = 0; attempt < EMPTY_READS; attempt++) {
      const read = await this.#pieceAt(at)
      if (read.kind === 'out-of-range') {
        this.#start = read.edges.start
        return outOfRange(at, to, this.#start)
      }
      if (read.next > at) {
        this.#held = { ...read, from: at }
        return this.#fromHeld(at, to)
      }
      const { stableEnd, end } = await edgesOf(this.#reader, this.#partition, this.#deadline)
      if (at >= end) return outOfRange(at, to, 0n)
      if (at >= stableEnd) return undefined
    }
    const doing = `reading ${partitionName(this.#partition)} from offset ${at} on: nothing comes, although the log goes on`
    throw new ReplicationError('LOG_DAMAGED', doing)
  }

  /** The next one of the newest fetch, where that goes on; otherwise the first one of another fetch. */
  async #pieceAt(at: bigint): Promise<LogRead> {
    this.#held = undefined // it is used up, and what comes may be as large
    const further = this.#rest?.from === at ? await this.#nextPiece(this.#rest.pieces) : undefined
    return further ?? (await this.#nextPiece(await this.#fetch(at))) ?? { kind: 'read', ...NOTHING, next: at }
  }

  async #nextPiece(pieces: AsyncGenerator<LogRead>): Promise<LogRead | undefined> {
    const { done, value } = await pieces.next()
    if (done === true) return undefined
    this.#rest = value.kind === 'read' ? { pieces, from: value.next } : undefined
    return value
  }

  async #fetch(at: bigint): Promise<AsyncGenerator<LogRead>> {
    await this.close()
    return this.#reader.pieces(this.#partition, at, { maxBytes: MAX_BYTES, isolation: 'marked' }, this.#deadline)
  }
}

const NOTHING = { records: [], recordless: [] } as const

/** The first place from which on `holds` is true, by halving: a transactional topic has a hole for every commit. */
const firstAt = <Item>(items: readonly Item[], holds: (item: Item) => boolean): number => {
  let [from, to] = [0, items.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if (holds(items[middle] as Item)) to = middle
    else from = middle + 1
  }
  return from
}

/** Below the start of the log everything was taken, beyond its end nothing is there. */
const outOfRange = (at: bigint, to: bigint, start: bigint): LogStretch => {
  const trimmed = at < start
  return { from: at, to: trimmed && start < to ? start : to, records: [], recordless: [], trimmed }
}
