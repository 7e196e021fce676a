import type { TopicBoundary } from '../../shared/domain/failover/boundary.ts'
import type { UnreadStretch } from '../../shared/domain/failover/exported-tail.ts'
import type { TailChoice } from '../../shared/domain/failover/failover-input.ts'
import type { TailFigures } from '../../shared/domain/failover/stranded-tail.ts'
import type { Head } from '../../shared/domain/head.ts'
import type { LogRecord } from '../../shared/domain/log-record.ts'
import { type PartitionBatch, type PartitionId, partitionName } from '../../shared/domain/record.ts'
import type { FenceAnswer } from '../../shared/usecases/failover/fence-ports.ts'
import {
  allRecords,
  type LateRecords,
  lateRecords,
  type OwnRecords,
} from '../../shared/usecases/failover/own-records.ts'
import { readTail } from '../../shared/usecases/failover/read-tail.ts'
import { settleTail, type TailDeps } from '../../shared/usecases/failover/settle-tail.ts'
import type { AppendOutcome } from '../../shared/usecases/ports.ts'
import { FakeLinkState } from '../fakes/link-state.ts'
import { FakeLogReader } from '../fakes/log-reader.ts'
import { FakeTailLedger } from '../fakes/tail-ledger.ts'
import { FakeTailStore } from '../fakes/tail-store.ts'
import { inTime } from './in-time.ts'
import type { Killer } from './killer.ts'

export const EXECUTION = 'first'
const LIFE = 'life-1'

export const PARTITIONS: readonly PartitionId[] = [
  { topic: 'orders', partition: 0 },
  { topic: 'orders', partition: 1 },
  { topic: 'customers', partition: 0 },
]

export const stranded = (word: string): Omit<LogRecord, 'offset'> => ({
  timestamp: 1_000,
  key: Buffer.from(`key of ${word}`),
  value: Buffer.from(word),
  headers: [{ name: Buffer.from('own'), value: null }],
})

const unreadText = ({ from, to, damage = 'missing' }: UnreadStretch): string => `${from} to ${to} ${damage}`

const wordOf = ({ value }: Pick<LogRecord, 'value'>): string => Buffer.from(value ?? []).toString()

/** The old active cluster, the new one, and what the link had replicated when it was stopped. */
export class StrandedWorld {
  readonly source = new FakeLogReader('source')
  readonly target = new FakeLogReader('target')
  readonly ledger = new FakeTailLedger()
  readonly store = new FakeTailStore()
  readonly lives = new Map<string, string>()
  readonly checkpoints = new Map<string, { incarnation: string; nextSource: bigint }>()
  readonly counted: TailFigures[] = []
  /** The map of the forward link. */
  readonly state = new FakeLinkState()
  own: OwnRecords = allRecords
  late: LateRecords = lateRecords

  constructor() {
    for (const [topic, partitions] of Object.entries({ orders: 2, customers: 1, 'twinshore.heartbeats': 1 })) {
      this.source.createTopic(topic, partitions)
      this.target.createTopic(topic, partitions)
      this.lives.set(topic, LIFE)
    }
    this.source.append({ topic: 'twinshore.heartbeats', partition: 0 }, stranded('a beat'))
  }

  /** Before the failover. */
  replicate(partition: PartitionId, ...words: readonly string[]): void {
    this.source.append(partition, ...words.map(stranded))
    const first = this.target.append(partition, ...words.map(stranded))
    const [length, at] = [BigInt(words.length), this.checkpoints.get(partitionName(partition))?.nextSource ?? 0n]
    const nextSource = at + length
    this.checkpoints.set(partitionName(partition), { incarnation: LIFE, nextSource })
    this.#advance(partition, {
      nextSource,
      nextTarget: first + length,
      openRuns: [{ source: at, target: first, length }],
    })
  }

  strand(partition: PartitionId, ...words: readonly string[]): void {
    this.source.append(partition, ...words.map(stranded))
  }

  get deps(): TailDeps {
    return {
      cluster: 'west',
      pair: 'west-east',
      partitions: async () =>
        [...PARTITIONS, { topic: 'twinshore.heartbeats', partition: 0 }].map((partition) => ({
          ...partition,
          incarnation: this.lives.get(partition.topic) ?? '',
        })),
      reader: this.source,
      own: this.own,
      late: this.late,
      state: this.state,
      clock: { now: () => 5_000 },
      boundary: { topics: async () => this.#boundary() },
      ledger: this.ledger,
      store: this.store,
      target: { append: async (batch) => this.#append(batch) },
      targetReader: this.target,
      targetTopic: (topic) => topic,
      counted: (figures) => void this.counted.push(figures),
      deletion: {
        deleteBelow: async (offsets) => {
          for (const { offset, ...partition } of offsets) this.source.deleteBelow(partition, offset)
          return new Map(offsets.map((one) => [partitionName(one), 'deleted' as const]))
        },
      },
      gaps: this.state,
      returning: async () => this.#boundary(),
    }
  }

  settle(tail: TailChoice, deps: TailDeps = this.deps): Promise<FenceAnswer> {
    return settleTail({ execution: EXECUTION, tail }, inTime(), deps)
  }

  killed(killer: Killer): TailDeps {
    const { deps, store } = this
    return {
      ...deps,
      ...killer.wrap({ partitions: deps.partitions }),
      ledger: killer.wrap(deps.ledger),
      state: killer.wrap(deps.state),
      target: killer.wrap(deps.target),
      deletion: killer.wrap(deps.deletion),
      store: {
        place: (execution) => store.place(execution),
        keep: killer.wrap({ keep: store.keep.bind(store) }).keep,
        objects: store.objects.bind(store),
        fetch: store.fetch.bind(store),
      },
    }
  }

  /** By partition, what was exported. */
  async exported(): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {}
    const parts = await this.ledger.parts(EXECUTION)
    const reading = { execution: EXECUTION, parts, wanted: () => true }
    for await (const one of readTail(reading, this.store, inTime())) {
      const text = one.kind === 'record' ? `${one.record.offset} ${wordOf(one.record)}` : unreadText(one)
      found[partitionName(one)] = [...(found[partitionName(one)] ?? []), text]
    }
    return found
  }

  async onTarget(partition: PartitionId): Promise<readonly LogRecord[]> {
    const found: LogRecord[] = []
    for (let at = 0n; ; ) {
      const read = await this.target.read(partition, at, { maxBytes: 1_000, isolation: 'marked' })
      if (read.kind === 'out-of-range' || read.next === at) return found
      found.push(...read.records)
      at = read.next
    }
  }

  async valuesOnTarget(partition: PartitionId): Promise<string[]> {
    return (await this.onTarget(partition)).map(wordOf)
  }

  /** The link back has begun: the heads of the forward link stand at the end of the tail, and copies follow it. */
  async turnBack(partition: PartitionId, ...copies: readonly string[]): Promise<void> {
    const name = partitionName(partition)
    const edges = (await this.source.edges([partition])).get(name)
    if (edges === undefined || !('end' in edges)) throw new Error(`${name} has no end`)
    this.#advance(partition, { nextSource: edges.end })
    this.source.append(partition, ...copies.map(stranded))
  }

  #boundary(): TopicBoundary[] {
    return ['orders', 'customers'].map((topic) => ({
      topic,
      targetTopic: topic,
      targetIncarnation: 'on the target',
      points: new Map(
        PARTITIONS.filter((one) => one.topic === topic).map((one) => {
          const source = this.checkpoints.get(partitionName(one))?.nextSource
          return [one.partition, { targetEnd: 0n, ...(source !== undefined && { replicated: { source, target: 0n } }) }]
        }),
      ),
    }))
  }

  #advance(partition: PartitionId, changes: Partial<Head>): void {
    const known = this.state.head(partition)
    void this.state.advance(partition, known, { ...(known ?? NO_HEAD), ...changes })
  }

  #append(batch: PartitionBatch): AppendOutcome {
    const bytes = (text: string | null) => (text === null ? null : Buffer.from(text, 'base64'))
    const records = batch.records.map(({ timestamp, key, value, headers }) => ({
      timestamp,
      key: bytes(key),
      value: bytes(value),
      headers: headers.map((header) => ({
        name: Buffer.from(header.name),
        value: header.value === null ? null : Uint8Array.from(header.value),
      })),
    }))
    const target = this.target.append(batch, ...records)
    return { placed: [{ first: 0, count: records.length, target }], bytes: 0 }
  }
}

const NO_HEAD: Head = {
  incarnation: LIFE,
  ...{
    nextSource: 0n,
    nextTarget: 0n,
    openRuns: [],
    last: undefined,
    unverifiedFrom: undefined,
    epoch: 0,
    updatedAt: 0,
  },
}
