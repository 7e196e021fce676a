import { setTimeout as pause } from 'node:timers/promises'
import type { ClusterAccess } from '../../check/broker-connections.ts'
import { ReadingGroup, type SeenRecord } from '../../check/reading-group.ts'
import type { ClientTroubles } from './client-troubles.ts'
import type { PairPointer } from './pair-pointer.ts'

/** What a group read on one cluster, one stay after the other. */
export interface Stay {
  readonly cluster: string
  readonly seen: readonly SeenRecord[]
}

export interface PairReaderOptions {
  readonly clusters: ReadonlyMap<string, ClusterAccess>
  readonly pointer: PairPointer
  readonly group: string
  readonly topic: string
  readonly troubles: ClientTroubles
}

const COMMIT_EVERY_MS = 200
/** Whoever leaves a cluster that is gone need not hear from it. */
const GIVE_UP_MS = 2_000

/** A consumer that reads where the pointer says, commits all the while, and keeps a ledger of all that it got. */
export class PairReader {
  readonly #options: PairReaderOptions
  readonly #past: Stay[] = []
  readonly #reading: Promise<void>
  #stay: { readonly cluster: string; readonly group: ReadingGroup } | undefined
  #open = true

  constructor(options: PairReaderOptions) {
    this.#options = options
    this.#reading = this.#read()
    this.#reading.catch(() => undefined) // whoever stops it is told
  }

  /** In their order; the last one may still go on. */
  get stays(): readonly Stay[] {
    if (this.#stay === undefined) return this.#past
    return [...this.#past, { cluster: this.#stay.cluster, seen: this.#stay.group.seen }]
  }

  on(cluster: string): number {
    return this.stays.filter((stay) => stay.cluster === cluster).reduce((records, { seen }) => records + seen.length, 0)
  }

  /** Of all that it got, in no order. */
  get ids(): readonly string[] {
    return this.stays.flatMap(({ seen }) => seen.map(({ id }) => id))
  }

  /** Throws when reading had failed. */
  async stop(): Promise<void> {
    this.#open = false
    await this.#reading.finally(() => this.#leave())
  }

  async #read(): Promise<void> {
    while (this.#open) {
      const { cluster } = this.#options.pointer.now
      try {
        if (this.#stay?.cluster !== cluster) {
          await this.#leave()
          await this.#join(cluster)
        }
        await pause(COMMIT_EVERY_MS)
        await this.#stay?.group.commit()
      } catch (error) {
        await this.#abandon()
        await this.#options.troubles.note(`reading on ${cluster}`, error)
      }
    }
  }

  /** What it got there and has not committed is read again by whoever comes next. */
  async #abandon(): Promise<void> {
    const stay = this.#end()
    if (stay === undefined) return
    const leaving = stay.group.leave({ commits: false }).catch(() => undefined)
    await Promise.race([leaving, pause(GIVE_UP_MS)])
  }

  async #join(name: string): Promise<void> {
    const { clusters, group, topic } = this.#options
    const cluster = clusters.get(name)
    if (cluster === undefined) throw new Error(`reading on ${name}: the world has no such cluster`)
    this.#stay = { cluster: name, group: await ReadingGroup.join(cluster, { group, topics: [topic] }) }
  }

  async #leave(): Promise<void> {
    await this.#end()?.group.leave()
  }

  /** The stay that ends. */
  #end(): { readonly cluster: string; readonly group: ReadingGroup } | undefined {
    const stay = this.#stay
    this.#stay = undefined
    if (stay !== undefined) this.#past.push({ cluster: stay.cluster, seen: stay.group.seen })
    return stay
  }
}
