import { AssignedPartition } from './assigned-partition.ts'
import type { BufferPool } from './buffer-pool.ts'
import { Deliveries, type DeliveriesContext } from './deliveries.ts'
import { GroupMember, type GroupTiming, type Membership } from './group-member.ts'
import { OffsetCommits } from './offset-commits.ts'
import { PartitionFetcher } from './partition-fetcher.ts'
import { type Isolation, SourceCluster } from './source-cluster.ts'
import { atMost, StopSignal } from './stop-signal.ts'

export interface MemberTiming extends GroupTiming {
  readonly heartbeatMs: number
  /** How long the batches in flight may hold up a rebalance; after that they go on, and may be another's too. */
  readonly drainMs: number
  /** How often new partitions and moved leaders are looked for. */
  readonly metadataMaxAgeMs: number
}

export interface MemberContext extends DeliveriesContext {
  /** Its number among the pollers of the mapping. */
  readonly poller: number
  readonly isolation: Isolation
  readonly timing: MemberTiming
  readonly pool: BufferPool
}

const REJOIN_MS = 500
const LAST_COMMITS_MS = 10_000
const LEAVE_MS = 3_000

/** One poller: a member of the source group that reads its partitions and delivers them. */
export class PollerMember {
  readonly #context: MemberContext
  readonly #cluster: SourceCluster
  readonly #member: GroupMember
  readonly #fetcher: PartitionFetcher
  readonly #commits: OffsetCommits
  readonly #deliveries: Deliveries
  readonly #stop = new StopSignal()
  readonly #assigned = new Map<number, AssignedPartition>()
  #membership: Membership | undefined
  #running: Promise<void> | undefined

  constructor(context: MemberContext) {
    const { mapping, poller, observe, isolation, timing, pool } = context
    this.#context = context
    this.#cluster = new SourceCluster(mapping, isolation)
    this.#member = new GroupMember(this.#cluster, mapping, timing)
    this.#commits = new OffsetCommits({
      commit: (offsets) => this.#member.commit(offsets),
      committed: (offsets) => observe({ kind: 'committed', offsets }),
      problem: (error) => this.#report(error),
    })
    const { startingPosition } = mapping
    const arrived = (): void => this.#deliveries.cut()
    this.#fetcher = new PartitionFetcher({ poller, cluster: this.#cluster, pool, startingPosition, observe, arrived })
    this.#deliveries = this.#createDeliveries()
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Lets the batches in flight end, without trying failed ones again, commits what succeeded and leaves the group. */
  async stop(): Promise<void> {
    this.#stop.give()
    await this.#running
  }

  /** As when the machine of the poller dies: nothing is committed any more, and the group is not told. */
  async crash(): Promise<void> {
    this.#commits.hold()
    this.#deliveries.close()
    this.#fetcher.close()
    this.#stop.give()
    this.#member.forgetMembership()
    await this.#cluster.close()
  }

  #createDeliveries(): Deliveries {
    const stop = this.#stop
    return new Deliveries(this.#context, {
      get stopping() {
        return stop.given
      },
      assigned: () => [...this.#assigned.values()],
      commit: (settled) => this.#commits.add(settled),
      pause: (ms) => stop.pause(ms),
      taken: () => this.#fetcher.pump(),
    })
  }

  async #run(): Promise<void> {
    while (!this.#stop.given) {
      try {
        await this.#takePart()
      } catch (error) {
        this.#report(error)
        await this.#stop.pause(REJOIN_MS)
      }
    }
    await this.#finish()
  }

  async #takePart(): Promise<void> {
    this.#commits.hold()
    const membership = await this.#stop.unlessGiven(this.#member.join())
    if (membership === undefined) return
    await this.#adopt(membership)
    this.#commits.release()
    this.#deliveries.open()
    await this.#stayUntilDivided()
    this.#deliveries.close()
    const { drainMs } = this.#context.timing
    await atMost(this.#deliveries.idle(), drainMs)
    await atMost(this.#commits.drained(), drainMs)
  }

  /**
   * Keeps what stays this member's, with all that is fetched and in flight. A partition that may have been another's
   * meanwhile starts again from what the group has committed.
   */
  async #adopt(membership: Membership): Promise<void> {
    const before = this.#membership
    const unbroken = before?.memberId === membership.memberId && before.generation + 1 === membership.generation
    for (const partition of [...this.#assigned.keys()]) {
      if (!unbroken || !membership.partitions.includes(partition)) this.#lose(partition)
    }
    const gained = membership.partitions.filter((partition) => !this.#assigned.has(partition))
    const committed = gained.length > 0 ? await this.#member.committed(gained) : new Map<number, number>()
    for (const partition of gained) this.#gain(partition, committed.get(partition))
    this.#membership = membership
    const { generation, partitions } = membership
    this.#context.observe({ kind: 'assigned', poller: this.#context.poller, generation, partitions })
    void this.#fetcher.assign([...this.#assigned.values()])
  }

  #gain(partition: number, committed: number | undefined): void {
    const { mapping, observe } = this.#context
    this.#assigned.set(partition, new AssignedPartition({ topic: mapping.topic, partition }, committed))
    if (committed !== undefined) observe({ kind: 'positioned', partition, offset: committed, by: 'group' })
  }

  #lose(partition: number): void {
    const assigned = this.#assigned.get(partition)
    if (assigned !== undefined) assigned.lost = true
    this.#assigned.delete(partition)
    this.#commits.forget(partition)
  }

  /** A coordinator that does not answer says nothing about the membership: it is asked again. */
  async #stayUntilDivided(): Promise<void> {
    const { heartbeatMs, metadataMaxAgeMs } = this.#context.timing
    let learnedAt = performance.now()
    for (;;) {
      await this.#stop.pause(heartbeatMs)
      if (this.#stop.given) return
      if (performance.now() - learnedAt > metadataMaxAgeMs) {
        await this.#stop.unlessGiven(this.#fetcher.refresh())
        learnedAt = performance.now()
        if (this.#mustDivideAnew()) return
      }
      if ((await this.#stop.unlessGiven(this.#isOut())) ?? true) return
    }
  }

  async #isOut(): Promise<boolean> {
    try {
      const answer = await this.#member.heartbeat()
      if (answer === 'expelled') for (const partition of [...this.#assigned.keys()]) this.#lose(partition)
      return answer !== 'fine'
    } catch (error) {
      this.#report(error)
      return false
    }
  }

  #mustDivideAnew(): boolean {
    const divided = this.#membership?.dividedPartitions
    return divided !== undefined && divided !== this.#fetcher.partitionCount
  }

  async #finish(): Promise<void> {
    this.#deliveries.close()
    this.#fetcher.close()
    await this.#deliveries.idle()
    await atMost(this.#commits.drained(), LAST_COMMITS_MS)
    this.#commits.hold()
    await atMost(this.#leave(), LEAVE_MS) // a source that is gone never answers
    this.#context.observe({ kind: 'assigned', poller: this.#context.poller, generation: -1, partitions: [] })
  }

  async #leave(): Promise<void> {
    try {
      await this.#member.leave()
      await this.#cluster.close()
    } catch (error) {
      this.#report(error)
    }
  }

  #report(error: unknown): void {
    const problem = error instanceof Error ? error : new Error(String(error))
    this.#context.observe({ kind: 'problem', poller: this.#context.poller, error: problem })
  }
}
