/** Keys that are remembered at once; a digest and two offsets each. */
const MOST_KEYS = 50_000

export interface AbsentRecord {
  readonly source: bigint
  readonly target: bigint
}

/**
 * Records that are on the source and not on a compacted target: in order, when a later record has their key. That one is
 * compared itself, so that the last of a key is never excused.
 */
export class SupersededKeys {
  readonly #absent = new Map<string, AbsentRecord[]>()
  #count = 0
  /** Those that were forgotten, since there were too many. */
  undecided = 0

  /** A source record of this key, whether it is on the target or not. Returns how many it excuses. */
  pass(key: string): number {
    const excused = this.#absent.get(key)?.length ?? 0
    this.#absent.delete(key)
    this.#count -= excused
    return excused
  }

  miss(key: string, absent: AbsentRecord): void {
    if (this.#count >= MOST_KEYS) this.undecided++
    else {
      this.#absent.set(key, [...(this.#absent.get(key) ?? []), absent])
      this.#count++
    }
  }

  get isWaiting(): boolean {
    return this.#count > 0
  }

  /** Ascending by source offset. */
  get unexcused(): AbsentRecord[] {
    return [...this.#absent.values()].flat().sort((one, other) => (one.source < other.source ? -1 : 1))
  }
}
