import { setTimeout as pause } from 'node:timers/promises'
import type { Broker } from '@platformatic/kafka'
import type { AssignedPartition } from './assigned-partition.ts'
import type { BufferPool } from './buffer-pool.ts'
import { type FetchAnswer, type FetchedPartition, parseFetchAnswer } from './fetch-request.ts'
import { fetchedBatches, visibleBatches } from './fetched-batches.ts'
import type { Observe } from './happening.ts'
import { KAFKA_ERROR } from './kafka-answer.ts'
import { POLLER_LIMITS } from './limits.ts'
import type { StartingPosition } from './mapping.ts'
import { encodeRecords } from './record-json.ts'
import { type RetrySchedule, retryDelayMs } from './retry-schedule.ts'
import type { SourceCluster, TopicLayout } from './source-cluster.ts'
import { offsetAfterLoss, startingOffset } from './starting-offset.ts'

const RETRY_MS = 250
const LEADERLESS_RETRY_MS = 1_000
const LEARNING: RetrySchedule = { firstMs: RETRY_MS, factor: 2, longestMs: 5_000 }

export interface FetcherContext {
  readonly poller: number
  readonly cluster: SourceCluster
  readonly pool: BufferPool
  readonly startingPosition: StartingPosition
  readonly observe: Observe
  /** Records have come. */
  readonly arrived: () => void
}

const isReadable = ({ lost, unreadable }: AssignedPartition): boolean => !lost && !unreadable
const addressOf = ({ host, port }: Broker): string => `${host}:${port}`

/** Keeps the queues of the assigned partitions filled: one request at a time to each leader. */
export class PartitionFetcher {
  readonly #context: FetcherContext
  readonly #fetching = new Set<string>()
  #layout: TopicLayout | undefined
  #refreshing: Promise<void> | undefined
  #assigned: readonly AssignedPartition[] = []
  #closed = false
  #retry: NodeJS.Timeout | undefined

  constructor(context: FetcherContext) {
    this.#context = context
  }

  get partitionCount(): number | undefined {
    return this.#layout?.partitionCount
  }

  async assign(partitions: readonly AssignedPartition[]): Promise<void> {
    this.#assigned = partitions
    await this.#refreshing
    await this.refresh()
  }

  /** Starts a fetch from every leader that is idle and has a partition with room for more. */
  pump(): void {
    if (this.#closed || this.#layout === undefined) return
    for (const [address, { leader, partitions }] of this.#wantedByLeader(this.#layout)) {
      if (!this.#fetching.has(address)) void this.#fetchFrom(leader, address, partitions)
    }
  }

  /** Learns the leaders anew and where to start reading; what cannot be learned now is asked for again. */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#learn().finally(() => {
      this.#refreshing = undefined
    })
    await this.#refreshing
    this.pump()
    clearTimeout(this.#retry)
    if (!this.#closed && this.#lacksLeaders()) this.#retry = setTimeout(() => void this.refresh(), LEADERLESS_RETRY_MS)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
  }

  #lacksLeaders(): boolean {
    return this.#assigned.some(({ partition }) => !this.#layout?.leaders.has(partition))
  }

  async #learn(): Promise<void> {
    for (let attempt = 0; !this.#closed; attempt++) {
      if (await this.#tryLearn()) return
      await pause(retryDelayMs(LEARNING, attempt))
    }
  }

  async #tryLearn(): Promise<boolean> {
    try {
      const layout = await this.#context.cluster.layout()
      this.#layout = layout
      await Promise.all(this.#assigned.map((assigned) => this.#locate(assigned, layout)))
      return true
    } catch (error) {
      this.#report(error)
      return false
    }
  }

  /** The group's offset wins; only a partition without one starts where the mapping says. */
  async #locate(assigned: AssignedPartition, { leaders }: TopicLayout): Promise<void> {
    const { partition } = assigned
    const leader = leaders.get(partition)
    if (assigned.position !== undefined || leader === undefined) return
    const { startingPosition, cluster } = this.#context
    const offset = await startingOffset(startingPosition, cluster, leader, partition)
    if (offset === undefined) return
    assigned.position = offset
    this.#context.observe({ kind: 'positioned', partition, offset, by: 'start' })
  }

  #wantedByLeader({ leaders }: TopicLayout): Map<string, { leader: Broker; partitions: AssignedPartition[] }> {
    const wanted = new Map<string, { leader: Broker; partitions: AssignedPartition[] }>()
    for (const assigned of this.#assigned) {
      const leader = leaders.get(assigned.partition)
      const full = assigned.queue.bytes >= POLLER_LIMITS.bufferedBytes.value
      if (leader === undefined || !isReadable(assigned) || assigned.position === undefined || full) continue
      const address = addressOf(leader)
      const entry = wanted.get(address) ?? { leader, partitions: [] }
      entry.partitions.push(assigned)
      wanted.set(address, entry)
    }
    return wanted
  }

  async #fetchFrom(leader: Broker, address: string, partitions: readonly AssignedPartition[]): Promise<void> {
    this.#fetching.add(address)
    try {
      const positions = partitions.map(({ partition, position = 0 }) => ({ partition, offset: position }))
      const answer = await this.#context.cluster.fetch(leader, positions)
      this.#fetching.delete(address)
      if (!this.#closed && !this.#receive(answer, partitions)) await this.#refreshLater()
    } catch (error) {
      this.#fetching.delete(address)
      this.#report(error)
      await this.#refreshLater()
    }
  }

  /** The next request leaves before this answer is encoded, so that the broker works meanwhile. False: leaders moved. */
  #receive(answer: FetchAnswer, partitions: readonly AssignedPartition[]): boolean {
    const { pool, arrived } = this.#context
    const room = pool.take(answer.totalBytes)
    const taken = parseFetchAnswer(answer, room).map((fetched) => this.#advance(fetched, partitions))
    const fine = !taken.includes('refresh')
    if (fine) this.pump()
    for (const take of taken) if (typeof take === 'function') take()
    pool.give(room)
    arrived()
    return fine
  }

  /** Moves the position past what came, and returns how to encode it. */
  #advance(fetched: FetchedPartition, partitions: readonly AssignedPartition[]): (() => void) | 'refresh' | 'nothing' {
    const assigned = partitions.find(({ partition }) => partition === fetched.partition)
    if (assigned === undefined || !isReadable(assigned) || assigned.position === undefined) return 'nothing'
    if (fetched.errorCode === KAFKA_ERROR.OFFSET_OUT_OF_RANGE) {
      void this.#reset(assigned)
      return 'nothing'
    }
    if (fetched.errorCode !== KAFKA_ERROR.NONE) return 'refresh'
    return this.#take(assigned, assigned.position, fetched)
  }

  #take(assigned: AssignedPartition, from: number, fetched: FetchedPartition): (() => void) | 'nothing' {
    const batches = this.#reading(assigned, () => fetchedBatches(fetched.batches))
    const last = batches?.at(-1)
    if (batches === undefined || last === undefined) return 'nothing'
    assigned.position = last.lastOffset + 1
    return () => {
      const { pool } = this.#context
      const encode = () => encodeRecords(visibleBatches(batches, fetched.aborted), assigned, from, pool)
      const records = this.#reading(assigned, encode)
      if (records !== undefined) assigned.queue.add(records, performance.now())
    }
  }

  /** One partition that cannot be read is stopped and told of; it must not take what came of others with it. */
  #reading<Result>(assigned: AssignedPartition, read: () => Result): Result | undefined {
    try {
      return read()
    } catch (error) {
      assigned.unreadable = true
      this.#report(error)
      return undefined
    }
  }

  async #reset(assigned: AssignedPartition): Promise<void> {
    const from = assigned.position ?? 0
    assigned.position = undefined
    const leader = this.#layout?.leaders.get(assigned.partition)
    if (leader === undefined) return this.refresh()
    const { cluster, startingPosition, observe } = this.#context
    try {
      const to = await offsetAfterLoss(startingPosition, cluster, leader, assigned.partition)
      assigned.position = to
      observe({ kind: 'position-reset', partition: assigned.partition, from, to: to ?? 0 })
      this.pump()
    } catch (error) {
      assigned.position = from
      this.#report(error)
      await this.#refreshLater()
    }
  }

  async #refreshLater(): Promise<void> {
    await pause(RETRY_MS)
    if (!this.#closed) await this.refresh()
  }

  #report(error: unknown): void {
    if (this.#closed) return
    const { observe, poller } = this.#context
    observe({ kind: 'problem', poller, error: error instanceof Error ? error : new Error(String(error)) })
  }
}
