import type { Gap, Head } from '../../shared/domain/head.ts'
import type { PartitionBatch, PartitionId } from '../../shared/domain/record.ts'
import type { Run } from '../../shared/domain/run.ts'
import { closedHead, closingPages } from '../../shared/domain/topics/closed-head.ts'
import type { Position, SourcePosition } from '../../shared/domain/translation.ts'
import {
  type OffsetMap,
  translateCommitted,
  translateCommittedBack,
} from '../../shared/usecases/offset-map/translate.ts'
import type { LinkState, TargetLog } from '../../shared/usecases/ports.ts'
import { replicateBatches } from '../../shared/usecases/replication/replicate-batches.ts'
import type { ReplicateDeps } from '../../shared/usecases/replication/replicate-partition.ts'
import { FakeLinkState } from '../fakes/link-state.ts'
import { FakeQuarantine } from '../fakes/quarantine.ts'
import { FakeSourceLog } from '../fakes/source-log.ts'
import { FakeTargetLog } from '../fakes/target-log.ts'
import { intercepted } from './intercepted-port.ts'
import { REFUSED_KEY, SourceLife } from './source-life.ts'

const ORDERS: PartitionId = { topic: 'orders', partition: 0 }
const DEADLINE = { at: Number.POSITIVE_INFINITY, signal: new AbortController().signal }
const DEADLINES = { append: DEADLINE, state: DEADLINE }
/** So few that a batch comes to several placements. */
const BATCH_RECORDS = 7

/** What comes between an invocation and its ports. */
export type Wrap = <Port extends object>(port: Port) => Port

/** A copy that the target acknowledged. */
interface Acknowledged {
  readonly source: bigint
  readonly target: bigint
}

/**
 * One partition between two clusters: logs and tables are in memory, what replicates and translates is the code itself.
 * What is true is noted down at the ports, apart from the map: which copies were acknowledged and written down.
 */
export class PartitionWorld {
  readonly source = new FakeSourceLog()
  readonly target = new FakeTargetLog()
  readonly state: FakeLinkState
  readonly told: Gap[] = []
  readonly #quarantine = new FakeQuarantine()
  readonly #lives: [SourceLife, ...SourceLife[]] = [new SourceLife('life-1')]
  nowMs = 0

  constructor() {
    this.state = new FakeLinkState({ clock: { now: () => this.nowMs } })
    this.target.createTopic('orders', 1)
    this.target.batchRecords = BATCH_RECORDS
    this.target.refuses = ({ key }) => key === REFUSED_KEY
    this.#showSource()
    this.state.followed.set('orders', this.life.incarnation)
  }

  get lives(): readonly SourceLife[] {
    return this.#lives
  }

  /** The life that the source is in. */
  get life(): SourceLife {
    return this.#lives.at(-1) ?? this.#lives[0]
  }

  /** The life that the map is of. */
  get mapped(): SourceLife {
    return this.#lives.find(({ incarnation }) => incarnation === this.head?.incarnation) ?? this.life
  }

  get head(): Head | undefined {
    return this.state.head(ORDERS)
  }

  /** The whole map of the life as it is stored: its pages, then its head. */
  get runs(): readonly Run[] {
    const open = this.head?.openRuns ?? []
    const sealed = this.state.pages(ORDERS, this.mapped.incarnation).flatMap(({ runs }) => runs)
    return [...sealed.filter(({ source }) => open[0] === undefined || source < open[0].source), ...open]
  }

  gaps(): Promise<readonly Gap[]> {
    return this.state.gaps(ORDERS)
  }

  /** Which record lies there on the target, as `<incarnation>-<source offset>`. */
  copyAt(offset: bigint): string {
    return Buffer.from(this.target.records('orders', 0)[Number(offset)]?.value ?? '', 'base64').toString()
  }

  translate(offset: bigint, incarnation = this.mapped.incarnation): Promise<Position> {
    return translateCommitted(this.#map(), { incarnation, offset }, DEADLINE)
  }

  translateBack(offset: bigint, incarnation = this.mapped.incarnation): Promise<SourcePosition> {
    return translateCommittedBack(this.#map(), { incarnation, offset }, DEADLINE)
  }

  produce(slots: SourceLife['slots'][number][]): void {
    this.life.slots.push(...slots)
    this.#showSource()
  }

  retain(takes: number): void {
    this.life.logStart = Math.min(this.life.ended, this.life.logStart + takes)
    this.#showSource()
  }

  recreate(): void {
    this.#lives.push(new SourceLife(`life-${this.#lives.length + 1}`))
    this.#showSource()
  }

  /** Ends the map of the earlier life, as whoever keeps topics in step does once nothing consumes it. */
  async adopt(): Promise<boolean> {
    const { head, life } = this
    if (this.state.followed.get('orders') === life.incarnation) return false
    if (head !== undefined && head.incarnation !== life.incarnation) {
      await this.state.seal(ORDERS, closingPages(head))
      const begun = closedHead(head, life.incarnation, { epoch: 0, now: this.nowMs })
      if ((await this.state.advance(ORDERS, head, begun)) !== 'advanced') return false
    }
    this.state.followed.set('orders', life.incarnation)
    return true
  }

  /** One invocation with these records; says whether it answered that all is done. */
  async invoke(offsets: readonly number[], wrap: Wrap = (port) => port): Promise<boolean> {
    const [first, ...others] = offsets.map((offset) => this.life.record(offset))
    if (first === undefined) return true
    const batch: PartitionBatch = { ...ORDERS, records: [first, ...others] }
    const [outcome] = await replicateBatches([batch], DEADLINES, this.#ports(this.life, offsets, wrap))
    return outcome !== undefined && outcome.error === undefined
  }

  #ports(life: SourceLife, offsets: readonly number[], wrap: Wrap): ReplicateDeps {
    const acknowledged: Acknowledged[] = []
    return {
      source: wrap(this.source),
      target: wrap(this.#notingTarget(acknowledged)),
      state: wrap(this.#notingState(life, offsets, acknowledged)),
      quarantine: wrap(this.#quarantine),
      clock: { now: () => this.nowMs },
      alarm: (_partition, gap) => void this.told.push(gap),
      targetTopic: (topic) => topic,
      provenance: true,
    }
  }

  #notingTarget(acknowledged: Acknowledged[]): TargetLog {
    return {
      clusterId: () => this.target.clusterId(),
      append: async (batch, deadline) => {
        const outcome = await this.target.append(batch, deadline)
        for (const { first, count, target } of outcome.placed)
          for (const [at, { offset }] of batch.records.slice(first, first + count).entries())
            acknowledged.push({ source: BigInt(offset), target: target + BigInt(at) })
        return outcome
      },
    }
  }

  #notingState(life: SourceLife, offsets: readonly number[], acknowledged: readonly Acknowledged[]): FakeLinkState {
    return intercepted(this.state, async (method, args, call) => {
      const result = await call()
      if (method === 'advance' && result === 'advanced') {
        const [, from, to] = args as Parameters<LinkState['advance']>
        if (from === undefined) life.start = Number(to.nextSource)
        const isNew = (offset: bigint): boolean => offset >= (from?.nextSource ?? 0n) && offset < to.nextSource
        for (const { source, target } of acknowledged) if (isNew(source)) life.copies.set(source, target)
        for (const offset of offsets.map(BigInt))
          if (isNew(offset) && life.slots[Number(offset)] === 'looped') life.looped.add(offset)
      }
      return result
    })
  }

  #showSource(): void {
    const { incarnation, logStart, ended } = this.life
    this.source.createTopic('orders', 1, incarnation)
    this.source.deleteRecordsBefore(ORDERS, BigInt(logStart))
    this.source.logEnd = BigInt(ended)
  }

  #map(): OffsetMap {
    return { partition: ORDERS, head: this.head, pages: this.state }
  }
}
