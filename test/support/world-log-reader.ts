import { ReplicationError } from '../../shared/domain/errors.ts'
import type { LogRecord } from '../../shared/domain/log-record.ts'
import { type PartitionId, partitionName } from '../../shared/domain/record.ts'
import type { LogEdges, LogRead, LogReader, PerPartition } from '../../shared/usecases/log-ports.ts'
import type { ClusterName, GroupWorld, Slot } from './sync-groups-world.ts'

type Reader = Pick<LogReader, 'edges' | 'read' | 'firstSince'>

const SLOTS_PER_READ = 50
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The record that is in a slot of the world's logs is the same on both clusters. */
const recordIn = ({ id }: NonNullable<Slot>, offset: bigint): LogRecord => ({
  offset,
  timestamp: id * 1_000,
  key: bytesOf(`key ${id}`),
  value: bytesOf(`value ${id}`),
  headers: [],
})

/** The logs of one cluster of a `GroupWorld`, as a `LogReader` shows them. */
export class WorldLogReader implements Reader {
  reachable = true
  /** Where a transaction is open from, by `partitionName`. */
  readonly openFrom = new Map<string, bigint>()
  /** What retention has left, by `partitionName`. */
  readonly starts = new Map<string, bigint>()
  /** Partitions without a leader. */
  readonly leaderless = new Set<string>()
  readonly reads: string[] = []
  readonly #world: GroupWorld
  readonly #cluster: ClusterName

  constructor(world: GroupWorld, cluster: ClusterName) {
    this.#world = world
    this.#cluster = cluster
  }

  async edges(partitions: readonly PartitionId[]): Promise<PerPartition<LogEdges>> {
    return this.#each(partitions, (id) => this.#edgesOf(id))
  }

  async firstSince(partitions: readonly PartitionId[], timestamp: number): Promise<PerPartition<bigint | undefined>> {
    return this.#each(partitions, (id) => {
      const at = this.#slots(id).findIndex((slot) => slot !== undefined && slot.id * 1_000 >= timestamp)
      return at === -1 ? undefined : BigInt(at)
    })
  }

  async read(id: PartitionId, from: bigint): Promise<LogRead> {
    this.reads.push(`${partitionName(id)} ${from}`)
    const error = this.#trouble(id)
    if (error !== undefined) throw error
    const edges = this.#edgesOf(id)
    if (from < edges.start || from > edges.end) return { kind: 'out-of-range', edges }
    const [first, end] = [Number(from), Math.min(Number(from) + SLOTS_PER_READ, Number(edges.stableEnd))]
    const slots = this.#slots(id).slice(first, end)
    return {
      kind: 'read',
      records: slots.flatMap((slot, at) => (slot === undefined ? [] : [recordIn(slot, from + BigInt(at))])),
      recordless: [],
      next: from + BigInt(slots.length),
    }
  }

  #edgesOf(id: PartitionId): LogEdges {
    const end = BigInt(this.#slots(id).length)
    const name = partitionName(id)
    return { start: this.starts.get(name) ?? 0n, stableEnd: this.openFrom.get(name) ?? end, end }
  }

  #slots(id: PartitionId): readonly Slot[] {
    return this.#world.log(this.#cluster, id)
  }

  #trouble(id: PartitionId): ReplicationError | undefined {
    if (this.reachable && !this.leaderless.has(partitionName(id))) return undefined
    const code = this.#cluster === 'west' ? 'SOURCE_UNREACHABLE' : 'TARGET_UNREACHABLE'
    return new ReplicationError(code, `looking at ${partitionName(id)} of ${this.#cluster}`)
  }

  #each<Answer>(partitions: readonly PartitionId[], answer: (id: PartitionId) => Answer): PerPartition<Answer> {
    return new Map(partitions.map((id) => [partitionName(id), this.#trouble(id) ?? answer(id)] as const))
  }
}
