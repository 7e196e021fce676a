import { AnswerReading } from '../../shared/adapters/lambda/answer-reading.ts'
import { groupPassIn } from '../../shared/adapters/lambda/pass-answers.ts'
import { ReplicationError } from '../../shared/domain/errors.ts'
import type { TopicBoundary } from '../../shared/domain/failover/boundary.ts'
import type { FailoverInput } from '../../shared/domain/failover/failover-input.ts'
import type { AnyStep, StepRecord } from '../../shared/domain/failover/failover-step.ts'
import type { PairLock } from '../../shared/domain/failover/pair-lock.ts'
import type { PendingDebts } from '../../shared/domain/failover/pending-debts.ts'
import type { LinkStatus } from '../../shared/domain/head.ts'
import type { Link } from '../../shared/domain/topology/topology.ts'
import type { DataDeps } from '../../shared/usecases/failover/data-deps.ts'
import type { PerformStep, StepContext, StepLedger, StepResult } from '../../shared/usecases/failover/failover-ports.ts'
import type { PassMode } from '../../shared/usecases/failover/link-functions.ts'
import type { PlacingDeps } from '../../shared/usecases/failover/place-at-promotion.ts'
import { groupPassReport, groupPlanReport } from '../../shared/usecases/groups/group-report.ts'
import { planGroupMoves, syncGroups } from '../../shared/usecases/groups/sync-groups.ts'
import { FakeClusterDisks } from '../fakes/cluster-disks.ts'
import { FakeClusterLayout } from '../fakes/cluster-layout.ts'
import { FakeFailoverTable } from '../fakes/failover-table.ts'
import { FakeLinkFunctions } from '../fakes/link-functions.ts'
import { orderOf } from './failover-order.ts'
import { inTime } from './in-time.ts'
import { GroupWorld, type GroupWorldOptions } from './sync-groups-world.ts'
import { WorldLogReader } from './world-log-reader.ts'

const NAME = 'west-east'
export const EPOCH = 3

const INPUT: FailoverInput = {
  mode: 'planned',
  reason: 'rehearsing',
  who: 'somebody',
  limits: {},
  positions: { kind: 'mapped' },
  tail: 'export',
  force: false,
}

/** Two clusters in memory with logs, maps and groups, and what the steps of a failover see of them. */
export class FailoverDataWorld {
  readonly world: GroupWorld
  readonly source: WorldLogReader
  readonly target: WorldLogReader
  readonly layout = new FakeClusterLayout(['a', 'b'])
  readonly disks = new FakeClusterDisks()
  readonly functions: FakeLinkFunctions
  readonly before = new Map<AnyStep, StepRecord>()
  /** What steps write down themselves, before they are through. */
  readonly ledger: StepLedger = new FakeFailoverTable({ status: { mode: 'stopped', role: 'standby', epoch: 2 } })
  readonly boundary: TopicBoundary[] = []
  forward: LinkStatus = { mode: 'forwarding', role: 'standby', epoch: 2 }
  /** Of the forward link: the execution `one` has it. */
  lock: PairLock = {
    reserved: EPOCH,
    holder: { by: 'arn:one', purpose: 'failover', phase: 'acting', since: 0 },
  }
  reverse: LinkStatus | undefined = { mode: 'stopped', role: 'active', epoch: 2 }
  /** Whether the region of the source answers. */
  otherRegion = true
  pending: PendingDebts | undefined
  reversePending: PendingDebts | undefined
  approvalNeeded = true
  /** What happens while a step rests. */
  meanwhile: () => void | Promise<void> = () => undefined

  constructor(options: GroupWorldOptions = {}) {
    this.world = new GroupWorld({ bothWays: false, ...options, links: { naming: 'identity', ...options.links } })
    this.source = new WorldLogReader(this.world, 'west')
    this.target = new WorldLogReader(this.world, 'east')
    for (const topic of this.link.topics)
      this.layout.put(
        this.world.replicaOf(this.link, topic),
        ...Array.from({ length: this.world.partitions }, () => [1, 2]),
      )
    const figures = { records: 0, lagMs: 0, gone: 0, topics: [], unseen: 0, unmeasured: 0 }
    const lag = { at: this.world.now, ...figures, rememberedAt: this.world.now }
    this.functions = new FakeLinkFunctions(lag, (mode) => this.#passGroups(mode))
    this.remember('lock', { epoch: EPOCH, mode: 'forwarding' })
  }

  get link(): Link {
    return this.world.link(NAME)
  }

  /** What an earlier step left in the ledger. */
  remember(step: AnyStep, data: StepRecord['data'], more: Partial<StepRecord> = {}): void {
    const at = this.world.now
    const times = { startedAt: at, endedAt: at, calls: 1 }
    this.before.set(step, { step, attempt: 1, outcome: 'done', message: '', ...times, data, ...more })
  }

  /** The source does not answer any more, and neither does its region. */
  loseSource(): void {
    this.source.reachable = false
    this.world.clusters.west.topics.reachable = false
    this.world.clusters.west.groups.reachable = false
    this.otherRegion = false
    this.functions.break('topics')
    this.functions.break('groups')
    this.functions.break('access')
  }

  async run(step: PerformStep<DataDeps & PlacingDeps>, input: Partial<FailoverInput> = {}): Promise<StepResult> {
    return await step(this.context(input), inTime(), this.deps())
  }

  context(input: Partial<FailoverInput> = {}): StepContext {
    const execution = { name: 'one', arn: 'arn:one', startedAt: this.world.now, input: { ...INPUT, ...input } }
    return {
      execution,
      effects: execution.input.mode !== 'drill',
      call: { step: 'preflight', attempt: 1 },
      before: this.before,
    }
  }

  deps(): DataDeps & PlacingDeps {
    const { world, link } = this
    const { clusters } = world
    const memory = world.memory(NAME)
    const { reverse } = this
    return {
      order: { ...orderOf(link), approval: { needed: this.approvalNeeded, expiresMs: 60_000 } },
      ledger: this.ledger,
      from: { topics: clusters.west.topics, log: this.source, groups: clusters.west.groups },
      to: {
        topics: clusters.east.topics,
        log: this.target,
        groups: clusters.east.groups,
        layout: this.layout,
        disks: this.disks,
      },
      forward: {
        pair: { read: async () => ({ status: this.forward, lock: this.lock }) },
        pending: { pending: async () => this.pending },
        state: memory.map,
        topics: memory.topics,
        groups: memory.groups,
        boundary: { topics: async () => this.boundary },
      },
      ...(reverse && {
        reverse: {
          pair: { read: async () => this.#there({ status: reverse, lock: { reserved: EPOCH } }) },
          pending: { pending: async () => this.#there(this.reversePending) },
        },
      }),
      functions: this.functions,
      survey: world.depsOf(NAME),
      clock: { now: () => world.now },
      rest: async (ms) => {
        world.now += ms
        await this.meanwhile()
        return true
      },
      within: () => ({ ...inTime(), end: () => undefined }),
    }
  }

  #there<Answer>(answer: Answer): Answer {
    if (this.otherRegion) return answer
    throw new ReplicationError('STATE_UNREACHABLE', 'reading the table of the other region')
  }

  async #passGroups(mode: PassMode) {
    const deps = this.world.depsOf(NAME)
    const report =
      mode === 'plan'
        ? groupPlanReport(await planGroupMoves(inTime(), deps))
        : groupPassReport(await syncGroups(inTime(), deps))
    return groupPassIn(
      new AnswerReading(JSON.parse(JSON.stringify(report)), (because) => {
        throw new Error(because)
      }),
    )
  }
}
