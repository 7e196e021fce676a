import { isDeepStrictEqual } from 'node:util'
import { ReplicationError } from '../../shared/domain/errors.ts'
import {
  type ConfirmedHoles,
  type Gap,
  type Head,
  initialStatus,
  type LinkStatus,
  type Page,
  stillUnread,
} from '../../shared/domain/head.ts'
import { type PartitionId, partitionName } from '../../shared/domain/record.ts'
import { isReplicated } from '../../shared/domain/run.ts'
import type {
  AdvanceOutcome,
  Clock,
  GapLedger,
  LinkControl,
  LinkSnapshot,
  LinkState,
  OffsetMapPages,
  PageRemoval,
  ReplayMark,
} from '../../shared/usecases/ports.ts'
import type { HoleConfirmation } from '../../shared/usecases/verify/verify-ports.ts'
import { type Retention, StoredPartition } from './stored-partition.ts'

/** What happens to the next call of one method, once; `applied`: the write was done, only its answer was lost. */
export interface StateFault {
  readonly method: 'read' | 'followedLife' | 'firstStart' | 'seal' | 'advance' | 'recordGap'
  readonly error: ReplicationError
  readonly applied: boolean
}

interface FakeOptions {
  readonly clock?: Clock
  readonly retentionMs?: number
  readonly initialMode?: 'forwarding' | 'stopped'
}

/** The table of one link in memory; runs pass through the real packing. The contract suite runs on it and on DynamoDB. */
export class FakeLinkState implements LinkState, OffsetMapPages, GapLedger, LinkControl, HoleConfirmation, PageRemoval {
  status: LinkStatus
  readonly faults: StateFault[] = []
  /** What is read instead of a head, by `partitionName`. */
  readonly malformed = new Map<string, ReplicationError>()
  /** Of topics that somebody keeps in step. */
  readonly followed = new Map<string, string>()
  /** Of partitions of which nothing was replicated when somebody looked, by `partitionName`. */
  readonly firstStarts = new Map<string, { readonly incarnation: string; readonly start: bigint }>()
  /** Calls by method, as the table would count requests. */
  readonly calls = new Map<string, number>()
  readonly #stored = new Map<string, StoredPartition>()
  readonly #confirmed = new Map<string, ConfirmedHoles>()
  readonly #retention: Retention

  constructor({ clock = Date, retentionMs = Number.POSITIVE_INFINITY, initialMode = 'forwarding' }: FakeOptions = {}) {
    this.status = initialStatus(initialMode)
    this.#retention = { clock, retentionMs }
  }

  async read(partitions: readonly PartitionId[]): Promise<LinkSnapshot> {
    const heads = new Map<string, Head | ReplicationError>()
    const work = (): void => {
      for (const id of partitions) {
        const head = this.malformed.get(partitionName(id)) ?? this.head(id)
        if (head !== undefined) heads.set(partitionName(id), head)
      }
    }
    this.#call('read', work)
    return { status: this.status, heads }
  }

  async seal(id: PartitionId, pages: readonly Page[]): Promise<void> {
    this.#call('seal', () => {
      for (const page of pages) this.#partition(id).putPage(page)
    })
  }

  async advance(id: PartitionId, from: Head | undefined, to: Head): Promise<AdvanceOutcome> {
    return this.#call('advance', () => {
      const stored = this.#partition(id)
      const now = stored.head
      if (isDeepStrictEqual(now, to)) return 'advanced'
      if (now !== undefined && now.epoch > to.epoch) return 'epoch-stale'
      if (now?.nextSource !== from?.nextSource || now?.incarnation !== from?.incarnation) return 'checkpoint-moved'
      const goesBack = from !== undefined && to.nextSource < from.nextSource
      if (goesBack && !isDeepStrictEqual(now?.openRuns, from.openRuns)) return 'checkpoint-moved'
      stored.putHead(to)
      return 'advanced'
    })
  }

  async sealed(id: PartitionId, incarnation: string): Promise<readonly Page[]> {
    return this.#call('sealed', () => this.#partition(id).sealed(incarnation))
  }

  async unseal(id: PartitionId, pages: readonly Page[]): Promise<void> {
    this.#call('unseal', () => {
      for (const page of pages) this.#partition(id).removePage(page)
    })
  }

  async followedLife(topic: string): Promise<string | undefined> {
    return this.#call('followedLife', () => this.followed.get(topic))
  }

  async firstStart(id: PartitionId, incarnation: string): Promise<bigint | undefined> {
    return this.#call('firstStart', () => {
      const first = this.firstStarts.get(partitionName(id))
      return first?.incarnation === incarnation ? first.start : undefined
    })
  }

  async recordGap(id: PartitionId, gap: Gap): Promise<void> {
    this.#call('recordGap', () => this.#partition(id).putGap(gap))
  }

  async pageAtSource(id: PartitionId, incarnation: string, source: bigint): Promise<Page | undefined> {
    return this.#call('pageAtSource', () =>
      this.pages(id, incarnation).findLast(({ runs: [run] }) => run.source <= source),
    )
  }

  async pageAtTarget(id: PartitionId, incarnation: string, target: bigint): Promise<Page | undefined> {
    return this.#call('pageAtTarget', () =>
      this.pages(id, incarnation).findLast(({ runs }) => runs.some((run) => isReplicated(run) && run.target <= target)),
    )
  }

  async oldestPage(id: PartitionId, incarnation: string): Promise<Page | undefined> {
    return this.#call('oldestPage', () => this.pages(id, incarnation).at(0))
  }

  async gaps(id: PartitionId): Promise<readonly Gap[]> {
    return this.#call('gaps', () => this.recorded(id))
  }

  /** The gaps that are not expired, without counting as a call. */
  recorded(id: PartitionId): Gap[] {
    return this.#partition(id).gaps
  }

  async markReplayed(id: PartitionId, gap: Gap, at: number): Promise<ReplayMark> {
    const replayedAt = this.#partition(id).markReplayed(gap, at)
    if (replayedAt === undefined) return 'unknown'
    return replayedAt === at ? 'marked' : 'already-replayed'
  }

  async confirmHoles(id: PartitionId, seen: Head, to: bigint): Promise<void> {
    this.#call('confirmHoles', () => {
      const { incarnation, unverifiedFrom } = seen
      if (unverifiedFrom === undefined || unverifiedFrom >= to) return
      const known = this.#confirmed.get(partitionName(id))
      if (known?.incarnation === incarnation && known.to >= to) return
      this.#confirmed.set(partitionName(id), { incarnation, to })
    })
  }

  async readVerified(partitions: readonly PartitionId[]): Promise<LinkSnapshot> {
    const { status, heads } = await this.read(partitions)
    const known = [...heads].map(([name, head]) => {
      const isKnown = !(head instanceof ReplicationError)
      return [name, isKnown ? stillUnread(head, this.#confirmed.get(name)) : head] as const
    })
    return { status, heads: new Map(known) }
  }

  /** The head without the holes that were confirmed, without counting as a call. */
  verifiedHead(id: PartitionId): Head | undefined {
    const head = this.head(id)
    return head && stillUnread(head, this.#confirmed.get(partitionName(id)))
  }

  async partitions(): Promise<readonly PartitionId[]> {
    return [...this.#stored.values()].filter(({ head }) => head !== undefined).map(({ id }) => id)
  }

  async setStatus(from: LinkStatus, to: LinkStatus): Promise<'changed' | 'moved'> {
    if (![from, to].some((status) => isDeepStrictEqual(status, this.status))) return 'moved'
    this.status = to
    return 'changed'
  }

  /** What is stored now, without counting as a call. */
  head(id: PartitionId): Head | undefined {
    return this.#partition(id).head
  }

  /** The pages that are not expired, oldest first, without counting as a call. */
  pages(id: PartitionId, incarnation: string): Page[] {
    return this.#partition(id).pages(incarnation)
  }

  #partition(id: PartitionId): StoredPartition {
    const stored = this.#stored.get(partitionName(id)) ?? new StoredPartition(id, this.#retention)
    this.#stored.set(partitionName(id), stored)
    return stored
  }

  #call<T>(method: string, work: () => T): T {
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1)
    const at = this.faults.findIndex((fault) => fault.method === method)
    const [fault] = at === -1 ? [] : this.faults.splice(at, 1)
    if (fault === undefined) return work()
    if (fault.applied) work()
    throw fault.error
  }
}
