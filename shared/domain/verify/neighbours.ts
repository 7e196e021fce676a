import { contentOf, type RecordDigest, wholeOf } from './record-digest.ts'

/** The largest batch of a poller: a copy lies no farther from its record than that. */
export const NEIGHBOURS = 10_000
/** Copies that wait at once: a batch of that size appended again and again, since every checkpoint after it failed. */
export const MOST_WAITING = 20 * NEIGHBOURS

/** As many records before the range on either side, twice each. */
const MOST_BEFORE = 4 * NEIGHBOURS

interface Uncovered {
  readonly target: bigint
  /** How many source records have passed when it is given up. */
  readonly until: number
}

/**
 * Tells copies of our own records from foreign ones, among target records that no run covers. A batch that was appended
 * twice lies before its mapped copy, when a crash prevented the checkpoint, or behind it, when a late invocation wrote it.
 */
export class Neighbours {
  /** Digests of source records, the oldest first; twice each, with and without timestamp. */
  readonly #recent = new Set<string>()
  /** The same of records before the range, on either side. */
  readonly #before = new Set<string>()
  /** Those that may yet be followed by their record, by digest; the one that has waited longest comes first. */
  readonly #waiting = new Map<string, Uncovered[]>()
  #waitingCount = 0
  #passed = 0
  readonly #onDuplicate: () => void
  readonly #onForeign: (target: bigint) => void

  constructor(onDuplicate: () => void, onForeign: (target: bigint) => void) {
    this.#onDuplicate = onDuplicate
    this.#onForeign = onForeign
  }

  get isWaiting(): boolean {
    return this.#waitingCount > 0
  }

  passSource(digest: RecordDigest): void {
    for (const name of [wholeOf(digest), contentOf(digest)]) {
      this.#recent.delete(name)
      this.#recent.add(name)
      this.#match(name)
    }
    for (const oldest of this.#recent) {
      if (this.#recent.size <= 2 * NEIGHBOURS) break
      this.#recent.delete(oldest)
    }
    this.#passed++
    this.#giveUpUntil(this.#passed)
  }

  /** A record before the range: those that wait for records behind them wait on, however many there are of these. */
  passBefore(digest: RecordDigest): void {
    for (const name of [wholeOf(digest), contentOf(digest)]) {
      if (this.#before.size < MOST_BEFORE) this.#before.add(name)
      this.#match(name)
    }
  }

  meetUncovered(target: bigint, digest: RecordDigest): void {
    const name = nameOf(digest)
    if (this.#recent.has(name) || this.#before.has(name)) {
      this.#onDuplicate()
      return
    }
    this.#makeRoomFor(name)
    const waiting = { target, until: this.#passed + NEIGHBOURS }
    const others = this.#waiting.get(name)
    if (others === undefined) this.#waiting.set(name, [waiting])
    else others.push(waiting)
    this.#waitingCount++
  }

  /** How many of those that wait are this record, which an operator has put back there. */
  explain(digest: RecordDigest): number {
    const explained = (this.#waiting.get(wholeOf(digest)) ?? this.#waiting.get(contentOf(digest)) ?? []).length
    this.#waiting.delete(wholeOf(digest))
    this.#waiting.delete(contentOf(digest))
    this.#waitingCount -= explained
    return explained
  }

  /** No record of theirs will come any more. */
  giveUp(): void {
    this.#giveUpUntil(Number.POSITIVE_INFINITY)
  }

  /** Gives up all of them untold, and returns how many they are. */
  forget(): number {
    const forgotten = this.#waitingCount
    this.#waiting.clear()
    this.#waitingCount = 0
    return forgotten
  }

  /** Gives up those that have waited longest. */
  #makeRoomFor(name: string): void {
    const isFull = this.#waitingCount >= MOST_WAITING || (this.#waiting.size >= NEIGHBOURS && !this.#waiting.has(name))
    const [oldest] = isFull ? this.#waiting : []
    if (oldest === undefined) return
    const [oldestName, waiting] = oldest
    for (const { target } of waiting) this.#onForeign(target)
    this.#waiting.delete(oldestName)
    this.#waitingCount -= waiting.length
  }

  #giveUpUntil(passed: number): void {
    for (const [name, waiting] of this.#waiting) {
      const foreign = waiting.filter(({ until }) => until <= passed)
      if (foreign.length === 0) return
      for (const { target } of foreign) this.#onForeign(target)
      this.#waitingCount -= foreign.length
      if (foreign.length === waiting.length) this.#waiting.delete(name)
      else this.#waiting.set(name, waiting.slice(foreign.length))
    }
  }

  #match(name: string): void {
    const copies = this.#waiting.get(name) ?? []
    for (const _ of copies) this.#onDuplicate()
    this.#waiting.delete(name)
    this.#waitingCount -= copies.length
  }
}

/** Where the broker sets the timestamps, copies have others than their records. */
const nameOf = (digest: RecordDigest): string => (digest.timestampIsBrokers ? contentOf(digest) : wholeOf(digest))
