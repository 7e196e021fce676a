import { groupOrder } from '../../shared/domain/groups/group-order.ts'
import type { Hole } from '../../shared/domain/intake.ts'
import { stretchesOf, withLooped } from '../../shared/domain/looped-runs.ts'
import { extendRuns, type SealLimits, seal } from '../../shared/domain/offset-map.ts'
import type { PartitionId } from '../../shared/domain/record.ts'
import type { Run } from '../../shared/domain/run.ts'
import { keepsName, replicaName, replicaTemplate } from '../../shared/domain/topics/topic-naming.ts'
import type { Link, LinkInput } from '../../shared/domain/topology/topology.ts'
import { defineTopology } from '../../shared/domain/topology/topology-check.ts'
import { type GroupPassReport, groupPassReport } from '../../shared/usecases/groups/group-report.ts'
import { type SyncGroupsDeps, syncGroups } from '../../shared/usecases/groups/sync-groups.ts'
import type { LogEdges } from '../../shared/usecases/log-ports.ts'
import { FakeGroupAdmin } from '../fakes/group-admin.ts'
import { FakeGroupLedger } from '../fakes/group-ledger.ts'
import { FakeLinkState } from '../fakes/link-state.ts'
import { FakeTopicAdmin } from '../fakes/topic-admin.ts'
import { FakeTopicLedger } from '../fakes/topic-ledger.ts'
import { east, mskWest, west } from '../unit/shared/domain/topology/topology-example.ts'
import { inTime } from './in-time.ts'

export type ClusterName = 'west' | 'east'

/** What lies at an offset; `undefined`: a transaction marker, or what compaction took. */
export type Slot = { readonly id: number; readonly writtenOn: ClusterName } | undefined

interface Cluster {
  readonly groups: FakeGroupAdmin
  readonly topics: FakeTopicAdmin
  readonly logs: Map<string, Slot[]>
}

export interface Memory {
  readonly topics: FakeTopicLedger
  readonly groups: FakeGroupLedger
  readonly map: FakeLinkState
}

type LinkChanges = Partial<Omit<LinkInput<ClusterName>, 'source' | 'target' | 'name'>>

export interface GroupWorldOptions {
  /** Of both links. */
  readonly links?: LinkChanges
  /** Whether east is replicated to west too. @default true */
  readonly bothWays?: boolean
  /** Of the heads; small ones make many pages. */
  readonly limits?: SealLimits
  readonly partitions?: number
  /** How long pages of the maps are kept. @default for ever */
  readonly mapRetentionMs?: number
}

const START = Date.UTC(2026, 0, 1)
export const MINUTE_MS = 60_000

const nameOf = ({ topic, partition }: PartitionId): string => `${topic}-${partition}`

/** Two clusters with logs and groups in memory, real offset maps between them, and passes over the groups in both directions. */
export class GroupWorld {
  now = START
  readonly links: readonly Link[]
  readonly clusters: Readonly<Record<ClusterName, Cluster>> = { west: newCluster('source'), east: newCluster('target') }
  readonly memories: ReadonlyMap<string, Memory>
  readonly partitions: number
  readonly #limits: SealLimits | undefined
  #ids = 0

  constructor({ links = {}, bothWays = true, limits, partitions = 1, mapRetentionMs }: GroupWorldOptions = {}) {
    this.#limits = limits
    this.partitions = partitions
    const ways = [
      { source: 'west', target: 'east' } as const,
      ...(bothWays ? [{ source: 'east', target: 'west' } as const] : []),
    ]
    const topology = defineTopology({
      clusters: { west: { ...west, ...(mskWest.network && { network: mskWest.network }) }, east },
      links: ways.map((way) => ({ naming: 'prefix', topics: ['orders'], heartbeats: false, ...links, ...way })),
    })
    this.links = topology.links
    const table = {
      clock: { now: () => this.now },
      ...(mapRetentionMs !== undefined && { retentionMs: mapRetentionMs }),
    }
    this.memories = new Map(
      this.links.map(({ name }) => [
        name,
        { topics: new FakeTopicLedger(), groups: new FakeGroupLedger(), map: new FakeLinkState(table) },
      ]),
    )
    for (const link of this.links) for (const topic of link.topics) this.makeTopic(link, topic)
  }

  link(name: string): Link {
    const link = this.links.find((one) => one.name === name)
    if (link === undefined) throw new Error(`no link ${name}`)
    return link
  }

  memory(name: string): Memory {
    const memory = this.memories.get(name)
    if (memory === undefined) throw new Error(`no link ${name}`)
    return memory
  }

  replicaOf({ naming, source }: Link, topic: string): string {
    return replicaName(replicaTemplate(naming, source.name), topic)
  }

  /** The topic and its replica, where they are not there yet. */
  makeTopic(link: Link, topic: string): void {
    const { source, target } = this.#ends(link)
    const { partitions } = this
    if (!source.topics.topics.has(topic)) source.topics.put(topic, { partitions })
    const replica = this.replicaOf(link, topic)
    if (!target.topics.topics.has(replica)) target.topics.put(replica, { partitions })
  }

  log(cluster: ClusterName, id: PartitionId): Slot[] {
    const { logs } = this.clusters[cluster]
    const log = logs.get(nameOf(id)) ?? []
    logs.set(nameOf(id), log)
    return log
  }

  /** So many records, or markers. */
  write(cluster: ClusterName, id: PartitionId, count: number, kind: 'records' | 'markers' = 'records'): void {
    const log = this.log(cluster, id)
    for (let written = 0; written < count; written++)
      log.push(kind === 'markers' ? undefined : { id: this.#ids++, writtenOn: cluster })
  }

  /** At most so many offsets more of a partition. `dies`: after the append, so that the next one appends them again. */
  async replicate(
    name: string,
    id: PartitionId,
    count = Number.POSITIVE_INFINITY,
    { dies = false } = {},
  ): Promise<void> {
    const link = this.link(name)
    const { map } = this.memory(name)
    const before = map.head(id)
    const incarnation = this.lifeOf(link, id.topic)
    const head = before?.incarnation === incarnation ? before : undefined
    const from = Number(head?.nextSource ?? 0n)
    const slots = this.log(link.source.name as ClusterName, id).slice(from, from + count)
    if (slots.length === 0) return
    const copied = this.#copy(link, id, from, slots)
    if (dies) return
    const { pages, openRuns } = seal(before, this.#limits)
    await map.seal(id, pages)
    const kept = head === undefined ? [] : openRuns
    const runs = extendRuns(kept, withLooped(kept, copied.runs, copied.looped))
    const nextSource = BigInt(from + slots.length)
    const rest = { last: undefined, unverifiedFrom: undefined, epoch: 0, updatedAt: this.now }
    await map.advance(id, before, { incarnation, nextSource, nextTarget: copied.end, openRuns: runs, ...rest })
  }

  lifeOf(link: Link, topic: string): string {
    return this.#ends(link).source.topics.topics.get(topic)?.incarnation ?? 'none'
  }

  depsOf(name: string): SyncGroupsDeps {
    const link = this.link(name)
    const { source, target } = this.#ends(link)
    const order = groupOrder(link, { links: this.links })
    return {
      ...order,
      memory: this.memory(name),
      reverseMemories: new Map(order.reverses.map((reverse) => [reverse.name, this.memory(reverse.name)])),
      source: source.groups,
      target: target.groups,
      sourceTopics: source.topics,
      targetTopics: target.topics,
      targetLog: { edges: async (partitions) => new Map(partitions.map((id) => this.#edgesOf(target, id))) },
      clock: { now: () => this.now },
    }
  }

  async pass(name = 'west-east', deps: SyncGroupsDeps = this.depsOf(name)): Promise<GroupPassReport> {
    this.now += MINUTE_MS
    return groupPassReport(await syncGroups(inTime(), deps))
  }

  commit(cluster: ClusterName, group: string, id: PartitionId, offset: bigint | number): void {
    this.clusters[cluster].groups.set(group, id.topic, id.partition, BigInt(offset))
  }

  position(cluster: ClusterName, group: string, { topic, partition }: PartitionId): bigint | undefined {
    return this.clusters[cluster].groups.position(group, topic, partition)
  }

  #ends({ source, target }: Link): { readonly source: Cluster; readonly target: Cluster } {
    return { source: this.clusters[source.name as ClusterName], target: this.clusters[target.name as ClusterName] }
  }

  #edgesOf({ logs }: Cluster, id: PartitionId): readonly [string, LogEdges] {
    const end = BigInt(logs.get(nameOf(id))?.length ?? 0)
    return [nameOf(id), { start: 0n, stableEnd: end, end }]
  }

  /** Where names are kept, what was written on the target does not return there. */
  #copy(link: Link, { topic, partition }: PartitionId, from: number, slots: readonly Slot[]): Copied {
    const target = link.target.name as ClusterName
    const log = this.log(target, { topic: this.replicaOf(link, topic), partition })
    const runs: Run[] = []
    const looped: number[] = []
    for (const [at, slot] of slots.entries()) {
      if (slot === undefined) continue
      if (keepsName(link.naming) && slot.writtenOn === target) looped.push(from + at)
      else runs.push({ source: BigInt(from + at), target: BigInt(log.push(slot) - 1), length: 1n })
    }
    return { runs, looped: stretchesOf(looped), end: BigInt(log.length) }
  }
}

interface Copied {
  readonly runs: readonly Run[]
  readonly looped: readonly Hole[]
  readonly end: bigint
}

const newCluster = (side: 'source' | 'target'): Cluster => ({
  groups: new FakeGroupAdmin(side),
  topics: new FakeTopicAdmin(side),
  logs: new Map(),
})
