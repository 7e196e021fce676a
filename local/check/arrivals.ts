import { BrokerConnections, type ClusterAccess } from './broker-connections.ts'
import { readFrom } from './log-reader.ts'

/** How long records took from their timestamp to a consumer of the target. */
export class Arrivals {
  readonly #access: ClusterAccess
  readonly #topic: string
  readonly #latenciesMs: number[] = []
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

  #connect(): BrokerConnections {
    const connections = new BrokerConnections(this.#access)
    this.#connections.push(connections)
    return connections
  }

  /** A connection of its own: a broker answers the requests of one connection in turn, waiting ones too. */
  async #follow(partition: number, onStart: () => void): Promise<void> {
    for await (const records of readFrom(this.#connect(), { topic: this.#topic, partition }, onStart)) {
      if (!this.#open) return
      const now = Date.now()
      for (const { timestamp } of records) this.#latenciesMs.push(now - timestamp)
    }
  }
}
