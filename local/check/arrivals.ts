import { BrokerConnections, type ClusterAccess } from './broker-connections.ts'
import { readFrom } from './log-reader.ts'

/** How long records took from their timestamp to a consumer of the target. */
export class Arrivals {
  readonly #access: ClusterAccess
  readonly #topic: string
  readonly #latenciesMs: number[] = []
  /** By partition, when something arrived; of `performance.now`. */
  readonly #arrivedAt = new Map<number, number[]>()
  readonly #connections: BrokerConnections[] = []
  #watching: Promise<void>[] = []
  #open = true

  constructor(access: ClusterAccess, topic: string) {
    this.#access = access
    this.#topic = topic
  }

  get count(): number {
    return this.#latenciesMs.length
  }

  /** Resolves when every partition is being read from where it ends now. */
  async watch(): Promise<void> {
    const first = this.#connect()
    for (const { partition } of await first.leadersOf(this.#topic)) {
      const started = Promise.withResolvers<void>()
      this.#watching.push(this.#follow(partition, started.resolve).catch(started.reject))
      await started.promise
    }
  }

  async stop(): Promise<void> {
    this.#open = false
    await Promise.all(this.#watching)
    await Promise.all(this.#connections.map((connections) => connections.close()))
  }

  /** The latency that this share of the records did not exceed. */
  percentileMs(share: number): number {
    const sorted = this.#latenciesMs.toSorted((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
  }

  /** The longest that a partition, whichever, was without an arrival between two moments of `performance.now`. */
  longestGapMs(from: number, to: number): number {
    return Math.max(...[...this.#arrivedAt.values()].map((moments) => longestGap(moments, from, to)))
  }

  #connect(): BrokerConnections {
    const connections = new BrokerConnections(this.#access)
    this.#connections.push(connections)
    return connections
  }

  /** A connection of its own: a broker answers the requests of one connection in turn, waiting ones too. */
  async #follow(partition: number, onStart: () => void): Promise<void> {
    const arrivedAt: number[] = []
    this.#arrivedAt.set(partition, arrivedAt)
    for await (const records of readFrom(this.#connect(), { topic: this.#topic, partition }, onStart)) {
      if (!this.#open) return
      if (records.length > 0) arrivedAt.push(performance.now())
      const now = Date.now()
      for (const { timestamp } of records) this.#latenciesMs.push(now - timestamp)
    }
  }
}

/** The longest stretch between two moments without any of `moments`, which ascend. */
export const longestGap = (moments: readonly number[], from: number, to: number): number => {
  const within = moments.filter((at) => at > from && at < to)
  const ends = [...within, to]
  return Math.max(...ends.map((end, at) => end - (within[at - 1] ?? from)))
}
