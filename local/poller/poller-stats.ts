import type { Happening } from './happening.ts'

export interface InFlight {
  readonly now: number
  /** The most that ever ran at once; 1 at most, unless by fault. */
  readonly most: number
}

export interface PollerStats {
  /** Batches cut; each is delivered once or more. */
  readonly events: number
  readonly invocations: number
  readonly retries: number
  /** Records and payload bytes of invocations that succeeded. */
  readonly records: number
  readonly bytes: number
  /** Records that AWS would have lost: too large, or given up. */
  readonly unprocessed: number
  readonly discarded: number
  /** By partition number. */
  readonly inFlight: ReadonlyMap<number, InFlight>
  /** The next source offset of the group, by partition number, as far as this poller committed it. */
  readonly committed: ReadonlyMap<number, number>
  /** The partitions that the pollers of this mapping read now. */
  readonly assigned: readonly number[]
}

/** Counts what happens to one mapping, over all of its pollers. */
export class PollerCounts {
  #events = 0
  #invocations = 0
  #retries = 0
  #records = 0
  #bytes = 0
  #unprocessed = 0
  #discarded = 0
  readonly #payloadBytes = new Map<number, number>()
  readonly #inFlight = new Map<number, InFlight>()
  readonly #committed = new Map<number, number>()
  readonly #assigned = new Map<number, readonly number[]>()

  readonly count = (happening: Happening): void => {
    switch (happening.kind) {
      case 'delivering':
        this.#begin(happening)
        break
      case 'delivered':
        this.#end(happening)
        break
      case 'committed':
        for (const { partition, offset } of happening.offsets) this.#committed.set(partition, offset)
        break
      case 'unprocessed':
        this.#unprocessed += 1
        break
      case 'discarded':
        this.#discarded += happening.ranges.reduce((sum, { count }) => sum + count, 0)
        break
      case 'assigned':
        this.#assigned.set(happening.poller, happening.partitions)
    }
  }

  read(): PollerStats {
    return {
      events: this.#events,
      invocations: this.#invocations,
      retries: this.#retries,
      records: this.#records,
      bytes: this.#bytes,
      unprocessed: this.#unprocessed,
      discarded: this.#discarded,
      inFlight: new Map(this.#inFlight),
      committed: new Map(this.#committed),
      assigned: [...this.#assigned.values()].flat().toSorted((a, b) => a - b),
    }
  }

  #begin({ event, why, ranges, bytes }: Extract<Happening, { kind: 'delivering' }>): void {
    this.#invocations += 1
    if (why === 'first') this.#events += 1
    if (why === 'retry') this.#retries += 1
    this.#payloadBytes.set(event, bytes)
    for (const { partition } of ranges) {
      const { now, most } = this.#inFlight.get(partition) ?? { now: 0, most: 0 }
      this.#inFlight.set(partition, { now: now + 1, most: Math.max(most, now + 1) })
    }
  }

  #end({ event, why, result, ranges }: Extract<Happening, { kind: 'delivered' }>): void {
    for (const { partition } of ranges) {
      const { now, most } = this.#inFlight.get(partition) ?? { now: 1, most: 1 }
      this.#inFlight.set(partition, { now: now - 1, most })
    }
    if (result !== 'succeeded' || why === 'duplicate' || why === 'replay') return
    this.#records += ranges.reduce((sum, { count }) => sum + count, 0)
    this.#bytes += this.#payloadBytes.get(event) ?? 0
    this.#payloadBytes.delete(event)
  }
}
