import { asReplicationError, ReplicationError } from '../../shared/domain/errors.ts'
import type { Placement } from '../../shared/domain/placement.ts'
import { type PolledRecord, partitionName } from '../../shared/domain/record.ts'
import { LONGEST_NOTE, type SourceCommit } from '../../shared/domain/source-commit.ts'
import type { AppendOutcome, PartitionWriter, ReplicaId, TargetTransactions } from '../../shared/usecases/ports.ts'

type Entry = { readonly record: PolledRecord | 'foreign'; state: 'open' | 'committed' | 'aborted' } | 'marker'

interface Replica {
  readonly entries: Entry[]
  committed: SourceCommit | undefined
  epoch: number
}

/** The requests of a transaction, each with its effect; where a test lets a process die. */
export class Requests {
  async fence(effect: () => void): Promise<void> {
    effect()
  }
  async fetchOffset(): Promise<void> {}
  async addPartition(): Promise<void> {}
  async produce(effect: () => void): Promise<void> {
    effect()
  }
  async commitOffset(): Promise<void> {}
  async end(effect: () => void): Promise<void> {
    effect()
  }
}

/** The target cluster in memory, as far as transactions go. */
export class FakeTransactions implements TargetTransactions {
  readonly replicas = new Map<string, Replica>()
  requests = new Requests()
  refuses: (record: PolledRecord) => boolean = () => false
  /** Records per record batch; applications append one of theirs after each. */
  scatteredBy = Number.POSITIVE_INFINITY
  takenOver = 0
  readonly #writers = new Map<string, FakeWriter>()

  /** As in another process: nothing is known but what the cluster knows. */
  another(): FakeTransactions {
    const other = new FakeTransactions()
    for (const [name, replica] of this.replicas) other.replicas.set(name, replica)
    other.refuses = this.refuses
    return other
  }

  createTopic(topic: string, from = 0): void {
    const entries = Array.from({ length: from }, () => 'marker' as const)
    this.replicas.set(partitionName({ topic, partition: 0 }), { entries, committed: undefined, epoch: 0 })
  }

  replica(topic: string): Replica {
    const replica = this.replicas.get(partitionName({ topic, partition: 0 }))
    if (replica === undefined) throw new Error(`${topic} was never created`)
    return replica
  }

  /** What readers of committed records find: offsets of the source. */
  committed(topic: string): number[] {
    return this.replica(topic).entries.flatMap((entry) =>
      entry !== 'marker' && entry.state === 'committed' && entry.record !== 'foreign' ? [entry.record.offset] : [],
    )
  }

  async writer({ targetTopic }: ReplicaId, nextSource: bigint | undefined): Promise<PartitionWriter> {
    const known = this.#writers.get(targetTopic)
    if (known?.standsAt === nextSource && known?.state === 'ready' && nextSource !== undefined) return known
    const replica = this.replica(targetTopic)
    this.takenOver++
    let epoch = 0
    await this.requests.fence(() => {
      epoch = ++replica.epoch
      end(replica, 'aborted')
    })
    await this.requests.fetchOffset()
    const writer = new FakeWriter(this, replica, epoch)
    this.#writers.set(targetTopic, writer)
    return writer
  }
}

const end = ({ entries }: Replica, state: 'committed' | 'aborted'): void => {
  let ended = false
  for (const entry of entries) {
    if (entry === 'marker' || entry.state !== 'open') continue
    entry.state = state
    ended = true
  }
  if (ended) entries.push('marker')
}

class FakeWriter implements PartitionWriter {
  committed: SourceCommit | undefined
  standsAt: bigint | undefined
  state: 'ready' | 'busy' | 'over' = 'ready'
  readonly #world: FakeTransactions
  readonly #replica: Replica
  readonly #epoch: number

  constructor(world: FakeTransactions, replica: Replica, epoch: number) {
    this.#world = world
    this.#replica = replica
    this.#epoch = epoch
    this.committed = replica.committed
  }

  async append(
    from: bigint,
    records: readonly PolledRecord[],
    commitOf: (placed: readonly Placement[]) => Promise<SourceCommit>,
  ): Promise<AppendOutcome> {
    if (this.state !== 'ready' || (this.standsAt !== undefined && this.standsAt !== from)) return failed(moved())
    this.state = 'busy'
    try {
      const outcome = await this.#transact(records, commitOf)
      this.state = 'ready'
      return outcome
    } catch (error) {
      this.state = 'over'
      const abort = async () => this.#replica.epoch === this.#epoch && end(this.#replica, 'aborted')
      await this.#world.requests.end(() => void abort()).catch(() => undefined)
      return failed(asReplicationError(error, 'appending in a transaction'))
    }
  }

  async #transact(
    records: readonly PolledRecord[],
    commitOf: (placed: readonly Placement[]) => Promise<SourceCommit>,
  ): Promise<AppendOutcome> {
    const { requests } = this.#world
    const placed: Placement[] = []
    const refused = records.findIndex((record) => this.#world.refuses(record))
    if (records.length > 0) await requests.addPartition()
    const accepted = refused === -1 ? records : records.slice(0, refused)
    if (accepted.length > 0) await requests.produce(() => placed.push(...this.#place(accepted)))
    const error = new ReplicationError('RECORD_REFUSED', 'appending: the fake refuses it')
    const outcome = { placed, bytes: 0, ...(refused !== -1 && { stopped: { kind: 'refused', error } as const }) }
    if (refused === 0) return outcome
    const commit = await commitOf(placed)
    if (commit.note.length > LONGEST_NOTE) throw new Error('Kafka takes no note as long as that')
    await requests.commitOffset()
    await requests.end(() => this.#commit(commit))
    this.committed = commit
    this.standsAt = commit.nextSource
    return outcome
  }

  #place(records: readonly PolledRecord[]): Placement[] {
    this.#refuseFenced()
    const { entries } = this.#replica
    const size = Math.min(this.#world.scatteredBy, records.length)
    const placed: Placement[] = []
    for (let first = 0; first < records.length; first += size) {
      const part = records.slice(first, first + size)
      placed.push({ first, count: part.length, target: BigInt(entries.length) })
      entries.push(...part.map((record): Entry => ({ record, state: 'open' })))
      if (size < records.length) entries.push({ record: 'foreign', state: 'committed' })
    }
    return placed
  }

  #commit(commit: SourceCommit): void {
    this.#refuseFenced()
    end(this.#replica, 'committed')
    this.#replica.committed = commit
  }

  #refuseFenced(): void {
    if (this.#replica.epoch !== this.#epoch) throw moved()
  }
}

const moved = (): ReplicationError => new ReplicationError('CHECKPOINT_MOVED', 'appending in a transaction')

const failed = (error: ReplicationError): AppendOutcome => ({
  placed: [],
  bytes: 0,
  stopped: { kind: 'failed', error },
})
