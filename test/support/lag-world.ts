import { ReplicationError } from '../../shared/domain/errors.ts'
import type { LagReport } from '../../shared/domain/lag/lag-report.ts'
import type { VerificationSeen } from '../../shared/domain/lag/link-verdict.ts'
import { type PartitionId, partitionName } from '../../shared/domain/record.ts'
import { Census } from '../../shared/usecases/lag/census.ts'
import type { VerificationLedger } from '../../shared/usecases/lag/lag-ports.ts'
import { type LagTurnReport, type MeasureLagDeps, measureLag } from '../../shared/usecases/lag/measure-lag.ts'
import type { LogEdges, LogRead, LogReader, PerPartition } from '../../shared/usecases/log-ports.ts'
import { SourceTopics } from '../../shared/usecases/topics/source-topics.ts'
import { FakeHeartbeatLedger } from '../fakes/heartbeat-ledger.ts'
import { FakeLagLedger } from '../fakes/lag-ledger.ts'
import { FakeLease } from '../fakes/lease.ts'
import { inTime } from './in-time.ts'
import { GroupWorld, type GroupWorldOptions, type Slot } from './sync-groups-world.ts'

export const EVERY_MS = 10_000
const NAME = 'west-east'
const RECORD = { timestamp: 0, key: null, value: null, headers: [] }

/** What the world tells of the logs in the west. Counts as a cluster would get requests. */
class WorldLogs implements Pick<LogReader, 'edges' | 'read'> {
  readonly down = new Set<string>()
  readonly starts = new Map<string, bigint>()
  /** Where transactions are open, or records come after the ends were told. */
  readonly stableEnds = new Map<string, bigint>()
  /** What is said instead of the ends. */
  readonly errors = new Map<string, ReplicationError>()
  /** Of which nothing is said at all. */
  readonly silent = new Set<string>()
  readonly requests = { edges: 0, read: 0 }
  readonly readFrom: string[] = []
  readonly #world: GroupWorld

  constructor(world: GroupWorld) {
    this.#world = world
  }

  async edges(partitions: readonly PartitionId[]): Promise<PerPartition<LogEdges>> {
    this.requests.edges++
    return new Map(
      partitions.flatMap((id): [string, LogEdges | ReplicationError][] => {
        const name = partitionName(id)
        if (this.silent.has(name)) return []
        if (this.#isDown(name)) return [[name, new ReplicationError('SOURCE_UNREACHABLE', `asking for ${name}`)]]
        const error = this.errors.get(name)
        if (error !== undefined) return [[name, error]]
        const end = BigInt(this.#world.log('west', id).length)
        const stableEnd = this.stableEnds.get(name) ?? end
        return [[name, { start: this.starts.get(name) ?? 0n, stableEnd, end }]]
      }),
    )
  }

  async read(id: PartitionId, from: bigint): Promise<LogRead> {
    this.requests.read++
    this.readFrom.push(partitionName(id))
    if (this.#isDown(partitionName(id))) throw new ReplicationError('SOURCE_UNREACHABLE', 'reading')
    const slots = this.#world.log('west', id)
    const records = slots.flatMap((slot: Slot, at) =>
      slot === undefined || BigInt(at) < from ? [] : [{ offset: BigInt(at), ...RECORD }],
    )
    return { kind: 'read', records, recordless: [], next: BigInt(slots.length) }
  }

  #isDown(name: string): boolean {
    return !this.#world.clusters.west.topics.reachable || this.down.has(name)
  }
}

/** One link between two clusters in memory, and what measures its lag. */
export class LagWorld {
  readonly world: GroupWorld
  readonly logs: WorldLogs
  readonly ledger = new FakeLagLedger()
  readonly lease = new FakeLease()
  readonly beats = new FakeHeartbeatLedger()
  /** What verification found last. */
  verified: VerificationSeen | undefined
  readonly census: Census
  readonly told: { readonly report: LagReport; readonly whole: boolean }[] = []
  readonly failures: ReplicationError[] = []
  /** What happens while a run waits for its next sample. */
  meanwhile: () => void | Promise<void> = () => undefined

  constructor(options: GroupWorldOptions = {}) {
    this.world = new GroupWorld({ bothWays: false, ...options })
    this.logs = new WorldLogs(this.world)
    this.census = this.newCensus()
  }

  /** As another process would have it. */
  newCensus(): Census {
    const { world } = this
    return new Census({ link: world.link(NAME), state: world.memory(NAME).map, clock: { now: () => world.now } })
  }

  deps(): MeasureLagDeps & { readonly verification: Pick<VerificationLedger, 'read'> } {
    const { world } = this
    const groups = world.depsOf(NAME)
    const clock = { now: () => world.now }
    const memory = world.memory(NAME)
    const topics = new SourceTopics({
      named: groups.link.topics,
      ledger: memory.topics,
      admin: world.clusters.west.topics,
      clock,
    })
    return {
      link: groups.link,
      source: this.logs,
      topics,
      state: memory.map,
      ledger: this.ledger,
      map: memory.map,
      census: this.census,
      verification: { read: async () => this.verified },
      beats: this.beats,
      groups,
      clock,
      within: () => ({ ...inTime(), end: () => undefined }),
      lease: this.lease,
      rest: async (ms) => {
        if (ms > 0) world.now += ms
        if (ms > 0) await this.meanwhile()
        return true
      },
      tell: (report, { whole }) => void this.told.push({ report, whole }),
      fail: (error) => void this.failures.push(error),
    }
  }

  /** One invocation with so many samples, the first one at once. */
  async invoke(samples = 1, deps: MeasureLagDeps = this.deps(), owner = 'one'): Promise<LagTurnReport> {
    const until = this.world.now + (samples - 1) * EVERY_MS
    return await measureLag({ owner, everyMs: EVERY_MS, until }, inTime(), deps)
  }

  /** Time passes, then a sample is taken. */
  async sampleLater(ms = EVERY_MS, deps?: MeasureLagDeps): Promise<LagReport> {
    this.world.now += ms
    await this.invoke(1, deps)
    return this.last
  }

  get last(): LagReport {
    const told = this.told.at(-1)
    if (told === undefined) throw new Error('nothing was told yet')
    return told.report
  }
}
