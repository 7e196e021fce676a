import { ReplicationError } from '../../shared/domain/errors.ts'
import type { FailoverInput } from '../../shared/domain/failover/failover-input.ts'
import { failoverOrder } from '../../shared/domain/failover/failover-order.ts'
import type { StepAnswer } from '../../shared/domain/failover/failover-step.ts'
import { groupOrder } from '../../shared/domain/groups/group-order.ts'
import type { LinkStatus } from '../../shared/domain/head.ts'
import { consumerGroup } from '../../shared/domain/link-names.ts'
import { type PartitionId, type PolledRecord, partitionName } from '../../shared/domain/record.ts'
import { keepsName } from '../../shared/domain/topics/topic-naming.ts'
import type { Link, Naming, Pair } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import type { CoreDeps, PairCluster } from '../../shared/usecases/failover/failover-deps.ts'
import { settleReverse } from '../../shared/usecases/failover/settle-reverse.ts'
import { type GroupPassReport, groupPassReport } from '../../shared/usecases/groups/group-report.ts'
import { syncGroups } from '../../shared/usecases/groups/sync-groups.ts'
import type { LogEdges } from '../../shared/usecases/log-ports.ts'
import { replicateBatches } from '../../shared/usecases/replication/replicate-batches.ts'
import { FakeFailoverTable } from '../fakes/failover-table.ts'
import { FakeGroupAdmin } from '../fakes/group-admin.ts'
import { FakeGroupLedger } from '../fakes/group-ledger.ts'
import { FakeGroupPositions } from '../fakes/group-positions.ts'
import { FakeLinkState } from '../fakes/link-state.ts'
import { FakeMappingControl } from '../fakes/mapping-control.ts'
import { FakeSourceLog } from '../fakes/source-log.ts'
import { FakeTailLedger } from '../fakes/tail-ledger.ts'
import { FakeTargetLog } from '../fakes/target-log.ts'
import { FakeTopicAdmin } from '../fakes/topic-admin.ts'
import { FakeTopicLedger } from '../fakes/topic-ledger.ts'
import { east, mskWest, west } from '../unit/shared/domain/topology/topology-example.ts'
import { inTime } from './in-time.ts'
import { polledRecord } from './polled-records.ts'

export type Side = 'west' | 'east'
export type Way = 'west-east' | 'east-west'

const SIDES: readonly Side[] = ['west', 'east']
const START = Date.UTC(2026, 0, 1)
const TOPIC = 'orders'

export const OTHER: Readonly<Record<Side, Side>> = { west: 'east', east: 'west' }
export const wayTo = (side: Side): Way => (side === 'east' ? 'west-east' : 'east-west')

interface WorldCluster {
  readonly log: FakeTargetLog
  readonly source: FakeSourceLog
  readonly topics: FakeTopicAdmin
  readonly groups: FakeGroupAdmin
  /** A fence keeps applications from writing. */
  fenced: boolean
  /** Write grants wait for a promotion. */
  held: boolean
  /** Its brokers answer. */
  up: boolean
  /** Where the log of a partition begins, by `partitionName`: what lies below was deleted. */
  readonly starts: Map<string, number>
}

interface WorldLink {
  readonly link: Link
  readonly state: FakeLinkState
  readonly table: FakeFailoverTable
  readonly topics: FakeTopicLedger
  readonly groups: FakeGroupLedger
  readonly tails: FakeTailLedger
  readonly mappings: FakeMappingControl
  /** Of its pollers, on its source. */
  readonly positions: FakeGroupPositions
  /** The region of its target, with its table, answers. */
  up: boolean
}

export interface FailoverWorldOptions {
  /** @default orders; only that is ever polled */
  readonly topics?: readonly string[]
  readonly naming?: Naming
  readonly partitions?: number
  /** @default 10 s */
  readonly functionTimeoutMs?: number
}

/** Two clusters, both links between them with the real replication, and everything that a failover changes, in memory. */
export class FailoverWorld {
  now = START
  readonly partitions: number
  readonly clusters: Readonly<Record<Side, WorldCluster>>
  readonly links: Readonly<Record<Way, WorldLink>>
  readonly running = new Set<string>()
  /** Nobody has time to rest. */
  impatient = false
  readonly #topology: { readonly links: readonly Link[]; readonly pairs: readonly Pair[] }
  #written = 0

  constructor({
    topics = [TOPIC],
    naming = 'identity',
    partitions = 1,
    functionTimeoutMs = 10_000,
  }: FailoverWorldOptions = {}) {
    this.partitions = partitions
    const links = linksBetween(naming, functionTimeoutMs, topics)
    this.#topology = { links, pairs: [pairOf(links)] }
    this.clusters = { west: newCluster('west', { held: false }), east: newCluster('east', { held: true }) }
    const linkOf = (way: Way) =>
      newLink(
        links.find(({ name }) => name === way),
        () => this.now,
      )
    this.links = { 'west-east': linkOf('west-east'), 'east-west': linkOf('east-west') }
    for (const { link } of Object.values(this.links)) for (const topic of topics) this.#makeTopics(link, topic)
    for (const way of ['west-east', 'east-west'] as const) this.#deployPollers(way)
  }

  /** What an application writes: nothing where it may not. Says how many records it could. */
  write(side: Side, count: number, partition = 0): number {
    if (!this.isWritable(side) || !this.clusters[side].up) return 0
    for (let written = 0; written < count; written++)
      this.#log(side, TOPIC, partition).push(
        polledRecord({ value: Buffer.from(`${this.#written++}`).toString('base64') }),
      )
    return count
  }

  isWritable(side: Side): boolean {
    const { fenced, held } = this.clusters[side]
    return !fenced && !held
  }

  /** The records of a partition by what is in them, in the order of the log. */
  values(side: Side, partition = 0, topic = TOPIC): string[] {
    return this.#log(side, topic, partition)
      .slice(this.start(side, partition, topic))
      .map(({ value }) => value ?? '')
  }

  start(side: Side, partition = 0, topic = TOPIC): number {
    return this.clusters[side].starts.get(partitionName({ topic, partition })) ?? 0
  }

  /** What a group reads that resumes at an offset; where that is gone it begins with what is left (`auto.offset.reset`). */
  read(side: Side, from: number, count: number, partition = 0): { readonly values: string[]; readonly next: number } {
    const start = this.start(side, partition)
    const at = Math.max(from, start)
    const values = this.values(side, partition).slice(at - start, at - start + count)
    return { values, next: at + values.length }
  }

  /** As Kafka's DeleteRecords. */
  empty(side: Side, { topic, partition }: PartitionId, offset: bigint): void {
    const { starts, source } = this.clusters[side]
    const start = Math.max(this.start(side, partition, topic), Number(offset))
    starts.set(partitionName({ topic, partition }), start)
    source.deleteRecordsBefore({ topic, partition }, BigInt(start))
  }

  /** What the pollers of a link bring now, through the real replication; says how many records they were. */
  async poll(way: Way, partition = 0): Promise<number> {
    const world = this.links[way]
    const [mapping] = await world.mappings.list()
    if (mapping?.state !== 'Enabled') return 0
    return await this.deliver(way, partition)
  }

  /** What a poller brings that nobody has switched off, or that is late. */
  async deliver(way: Way, partition = 0): Promise<number> {
    const { link, state, positions } = this.links[way]
    const [source, target] = [this.clusters[sideOf(link.source)], this.clusters[sideOf(link.target)]]
    const group = consumerGroup(link, TOPIC)
    const id = { topic: TOPIC, partition }
    const committed = Number(positions.positions.get(group)?.get(partitionName(id)) ?? 0n)
    const from = Math.max(committed, this.start(sideOf(link.source), partition))
    const log = this.#log(sideOf(link.source), TOPIC, partition)
    const [first, ...others] = log.map((record, offset) => ({ ...record, offset })).slice(from)
    if (first === undefined) return 0
    const [outcome] = await replicateBatches([{ ...id, records: [first, ...others] }], deadlinesOf(), {
      source: source.source,
      target: target.log,
      state,
      quarantine: undefined,
      clock: { now: () => this.now },
      alarm: () => undefined,
      targetTopic: () => this.replicaOf(link),
      provenance: link.provenance,
    })
    if (outcome?.error !== undefined) throw outcome.error
    await positions.rewind(group, TOPIC, new Map([[partition, BigInt(log.length)]]))
    return others.length + 1
  }

  replicaOf({ naming, source }: Link, topic = TOPIC): string {
    return keepsName(naming) ? topic : `${source.name}.${topic}`
  }

  /** Until nothing moves any more. */
  async drain(way: Way): Promise<void> {
    for (let partition = 0; partition < this.partitions; partition++) while ((await this.poll(way, partition)) > 0);
  }

  async passGroups(way: Way): Promise<GroupPassReport> {
    const { link } = this.links[way]
    const order = groupOrder(link, this.#topology)
    const memoryOf = ({ name }: Link) => {
      const { topics, groups, state } = this.links[name as Way]
      return { topics, groups, map: state }
    }
    const [source, target] = [this.clusters[sideOf(link.source)], this.clusters[sideOf(link.target)]]
    return groupPassReport(
      await syncGroups(inTime(), {
        ...order,
        memory: memoryOf(link),
        reverseMemories: new Map(order.reverses.map((reverse) => [reverse.name, memoryOf(reverse)])),
        source: source.groups,
        target: target.groups,
        sourceTopics: source.topics,
        targetTopics: target.topics,
        targetLog: this.#cluster(sideOf(link.target)).log,
        clock: { now: () => this.now },
      }),
    )
  }

  commit(side: Side, group: string, offset: number, partition = 0): void {
    this.clusters[side].groups.set(group, TOPIC, partition, BigInt(offset))
  }

  position(side: Side, group: string, partition = 0): bigint | undefined {
    return this.clusters[side].groups.position(group, TOPIC, partition)
  }

  /** A side that is gone, or back: its brokers, and its region with the table of the link that leads there. */
  setUp(side: Side, up: boolean): void {
    this.clusters[side].up = up
    this.links[wayTo(side)].up = up
  }

  /** Settles what an unplanned failover to `to` owes: the fence, what comes before the link back, and that. */
  async settleDebts(to: Side, beforeTurnBack: () => Promise<unknown> = async () => undefined): Promise<StepAnswer> {
    const { table } = this.links[wayTo(to)]
    const { debts } = table
    if (debts === undefined) throw new Error(`nothing is owed for ${to}`)
    this.clusters[OTHER[to]].fenced = true
    await beforeTurnBack()
    const answer = await settleReverse(debts, inTime(), this.depsTo(to))
    if (answer.outcome === 'done') for (const debt of debts.owed) await table.settle(debts.execution, debt)
    return answer
  }

  /** What the steps of a failover to `to` do their work with. */
  depsTo(to: Side): CoreDeps {
    const [way, back] = [wayTo(to), wayTo(OTHER[to])]
    const { mappings, ...forward } = this.#pairLink(way)
    return {
      order: failoverOrder(this.links[way].link, this.#topology),
      from: this.#cluster(OTHER[to]),
      to: this.#cluster(to),
      forward: {
        ...forward,
        mappings,
        boundary: this.#reachable(way, this.links[way].table),
        groups: this.#reachable(way, this.links[way].groups),
        tails: this.#reachable(way, this.links[way].tails),
      },
      reverse: { ...this.#pairLink(back), groups: this.links[back].positions },
      executions: { isRunning: async (arn) => this.running.has(arn) },
      gate: { open: async (side) => this.#open(side === 'to' ? to : OTHER[to]) },
      clock: { now: () => this.now },
      rest: async (ms) => await this.#rest(ms),
    }
  }

  status(way: Way): LinkStatus {
    return this.links[way].state.status
  }

  #pairLink(way: Way) {
    const { table, state, topics, mappings } = this.links[way]
    const reached = this.#reachable(way, table)
    const kept = this.#reachable(way, state)
    return { pair: reached, pending: reached, state: kept, pages: kept, topics, mappings }
  }

  /** A table in a region that is gone does not answer. */
  #reachable<Port extends object>(way: Way, port: Port): Port {
    return new Proxy(port, {
      get: (of, name) => {
        const member: unknown = Reflect.get(of, name)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]) => {
          if (!this.links[way].up) throw new ReplicationError('STATE_UNREACHABLE', `asking the table of ${way}`)
          return await member.apply(of, args)
        }
      },
    })
  }

  async #open(side: Side) {
    this.clusters[side].fenced = false
    this.clusters[side].held = false
    return { outcome: 'done' as const, message: `applications may write to ${side}` }
  }

  async #rest(ms: number): Promise<boolean> {
    this.now += ms
    if (this.impatient) return false
    for (const { mappings } of Object.values(this.links)) await mappings.settle()
    return true
  }

  #cluster(side: Side): PairCluster {
    const { topics } = this.clusters[side]
    const edges = async (partitions: readonly PartitionId[]) =>
      new Map(partitions.map((id) => [partitionName(id), this.#edges(side, id)]))
    return { topics, log: { edges } }
  }

  #edges(side: Side, { topic, partition }: PartitionId): LogEdges | ReplicationError {
    if (!this.clusters[side].up) return new ReplicationError('SOURCE_UNREACHABLE', `asking ${side} for its ends`)
    if (!this.clusters[side].topics.topics.has(topic))
      return new ReplicationError('SOURCE_TOPIC_UNKNOWN', `asking ${side} for the ends of ${topic}`)
    const end = BigInt(this.#log(side, topic, partition).length)
    return { start: BigInt(this.start(side, partition, topic)), stableEnd: end, end }
  }

  #log(side: Side, topic: string, partition: number): PolledRecord[] {
    return this.clusters[side].log.records(topic, partition)
  }

  #makeTopics(link: Link, name: string): void {
    const { partitions } = this
    for (const [side, topic] of [
      [sideOf(link.source), name],
      [sideOf(link.target), this.replicaOf(link, name)],
    ] as const) {
      const { topics, log, source } = this.clusters[side]
      if (topics.topics.has(topic)) continue
      topics.put(topic, { partitions })
      log.createTopic(topic, partitions)
      source.createTopic(topic, partitions, topics.topics.get(topic)?.incarnation ?? '')
    }
  }

  #deployPollers(way: Way): void {
    const { mappings, state } = this.links[way]
    const mapping = mappings.deploy(TOPIC)
    if (state.status.mode !== 'forwarding') mappings.mappings.set(mapping.id, { ...mapping, state: 'Disabled' })
  }
}

const sideOf = ({ name }: { readonly name: string }): Side => SIDES.find((side) => side === name) ?? 'west'

const deadlinesOf = () => ({ append: inTime(), state: inTime() })

const linksBetween = (naming: Naming, functionTimeoutMs: number, topics: readonly string[]): readonly Link[] =>
  defineTopology({
    clusters: { west: { ...west, ...(mskWest.network && { network: mskWest.network }) }, east },
    links: (['west', 'east'] as const).map((source) => ({
      source,
      target: OTHER[source],
      topics,
      heartbeats: false,
      naming,
      provenance: naming === 'identity',
      functionTimeoutMs,
      appendDeadlineMs: 5_000,
    })),
  }).links

const pairOf = (links: readonly Link[]): Pair => ({
  name: 'west-east',
  clusters: SIDES as unknown as readonly [Side, Side],
  links,
  failover: {
    active: 'west',
    fences: { west: [{ kind: 'none' }], east: [{ kind: 'none' }] },
    clients: [{ kind: 'none' }],
    limits: { lagRecords: 1_000, lagSeconds: 300, lostRecords: 1_000 },
    approval: { needed: false, expiresMs: 1 },
    stillMs: 1_000,
    drillEveryDays: 91,
    tail: 'export',
    mayScrape: true,
  },
})

const newCluster = (id: Side, { held }: { readonly held: boolean }): WorldCluster => {
  const [log, source] = [new FakeTargetLog(), new FakeSourceLog()]
  log.id = source.id = id
  const side = id === 'west' ? 'source' : 'target'
  return {
    log,
    source,
    topics: new FakeTopicAdmin(side),
    groups: new FakeGroupAdmin(side),
    fenced: false,
    held,
    up: true,
    starts: new Map(),
  }
}

/** As the pair is deployed: west is active, and what leads there begins stopped where names are kept. */
const newLink = (link: Link | undefined, now: () => number): WorldLink => {
  if (link === undefined) throw new RangeError('no such link')
  const state = new FakeLinkState({ clock: { now } })
  if (link.target.name === 'west' && keepsName(link.naming))
    state.status = { mode: 'stopped', role: 'active', epoch: 0 }
  return {
    link,
    state,
    table: new FakeFailoverTable(state),
    topics: new FakeTopicLedger(),
    groups: new FakeGroupLedger(),
    tails: new FakeTailLedger(),
    mappings: new FakeMappingControl(),
    positions: new FakeGroupPositions(),
    up: true,
  }
}

export const inputOf = (changes: Partial<FailoverInput> = {}): FailoverInput => ({
  mode: 'planned',
  reason: 'a test',
  who: 'somebody',
  limits: {},
  positions: { kind: 'mapped' },
  tail: 'export',
  force: false,
  ...changes,
})
