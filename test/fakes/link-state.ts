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
import { packRuns, unpackRuns } from '../../shared/domain/packed-runs.ts'
import { type PartitionId, partitionName } from '../../shared/domain/record.ts'
import { isReplicated, sourceEnd } from '../../shared/domain/run.ts'
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

/** What happens to the next call of one method, once; `applied`: the write was done, only its answer was lost. */
export interface StateFault {
  readonly method: 'read' | 'followedLife' | 'firstStart' | 'seal' | 'advance' | 'recordGap'
  readonly error: ReplicationError
  readonly applied: boolean
}

interface StoredPage extends Pick<Page, 'incarnation' | 'followedBy'> {
  readonly packed: Uint8Array
  readonly expiresAtMs: number
}

interface StoredPartition {
  readonly id: PartitionId
  head?: Head & { readonly packed: Uint8Array }
  readonly pages: Map<string, StoredPage>
  readonly gaps: Map<string, Gap & { readonly expiresAtMs: number }>
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
  readonly #clock: Clock
  readonly #retentionMs: number

  constructor({ clock = Date, retentionMs = Number.POSITIVE_INFINITY, initialMode = 'forwarding' }: FakeOptions = {}) {
    this.#clock = clock
    this.status = initialStatus(initialMode)
    this.#retentionMs = retentionMs
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
      for (const page of pages) this.#putPage(this.#partition(id), page)
    })
  }

  async advance(id: PartitionId, from: Head | undefined, to: Head): Promise<AdvanceOutcome> {
    return this.#call('advance', () => {
      const { openRuns, ...rest } = to
      const stored = this.#partition(id)
      const now = this.head(id)
      if (isDeepStrictEqual(now, to)) return 'advanced'
      if (now !== undefined && now.epoch > to.epoch) return 'epoch-stale'
      if (now?.nextSource !== from?.nextSource || now?.incarnation !== from?.incarnation) return 'checkpoint-moved'
      const goesBack = from !== undefined && to.nextSource < from.nextSource
      if (goesBack && !isDeepStrictEqual(now?.openRuns, from.openRuns)) return 'checkpoint-moved'
      stored.head = { ...rest, openRuns: [], packed: packRuns(openRuns) }
      return 'advanced'
    })
  }

  async sealed(id: PartitionId, incarnation: string): Promise<readonly Page[]> {
    return this.#call('sealed', () =>
      [...this.#partition(id).pages.values()]
        .filter((page) => page.incarnation === incarnation)
        .map(toPage)
        .sort(({ runs: [a] }, { runs: [b] }) => (a.source < b.source ? -1 : 1)),
    )
  }

  async unseal(id: PartitionId, pages: readonly Page[]): Promise<void> {
    this.#call('unseal', () => {
      const stored = this.#partition(id).pages
      for (const { incarnation, runs } of pages) {
        const key = `${incarnation}#${padded(runs[0].source)}`
        const known = stored.get(key)
        if (known !== undefined && isDeepStrictEqual(toPage(known).runs, runs)) stored.delete(key)
      }
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

  /** A wider gap of the same kind replaces a narrower one; gaps of two kinds lie side by side. */
  async recordGap(id: PartitionId, gap: Gap): Promise<void> {
    this.#call('recordGap', () => {
      const { gaps } = this.#partition(id)
      const known = gaps.get(gapKey(gap))
      if (known === undefined || known.to < gap.to) gaps.set(gapKey(gap), { ...gap, expiresAtMs: this.#expiry() })
    })
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
    return [...this.#partition(id).gaps]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .filter(([, { expiresAtMs }]) => expiresAtMs > this.#clock.now())
      .map(([, { expiresAtMs: _, ...gap }]) => gap)
  }

  async markReplayed(id: PartitionId, gap: Gap, at: number): Promise<ReplayMark> {
    const { gaps } = this.#partition(id)
    const known = gaps.get(gapKey(gap))
    if (known === undefined) return 'unknown'
    if (known.replayedAt !== undefined) return known.replayedAt === at ? 'marked' : 'already-replayed'
    gaps.set(gapKey(gap), { ...known, replayedAt: at })
    return 'marked'
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
    const stored = this.#partition(id).head
    if (stored === undefined) return undefined
    const { packed, ...head } = stored
    return { ...head, openRuns: unpackRuns(packed) }
  }

  /** The pages that are not expired, oldest first, without counting as a call. */
  pages(id: PartitionId, incarnation: string): Page[] {
    return [...this.#partition(id).pages.values()]
      .filter((page) => page.incarnation === incarnation && page.expiresAtMs > this.#clock.now())
      .map(toPage)
      .sort(({ runs: [a] }, { runs: [b] }) => (a.source < b.source ? -1 : 1))
  }

  #putPage({ pages }: StoredPartition, { incarnation, followedBy, runs }: Page): void {
    const key = `${incarnation}#${padded(runs[0].source)}`
    const known = pages.get(key)
    if (known !== undefined && endOf(toPage(known)) >= endOf({ runs })) return
    pages.set(key, { incarnation, followedBy, packed: packRuns(runs), expiresAtMs: this.#expiry() })
  }

  #expiry(): number {
    return this.#clock.now() + this.#retentionMs
  }

  #partition(id: PartitionId): StoredPartition {
    const { topic, partition } = id
    const stored = this.#stored.get(partitionName(id)) ?? {
      id: { topic, partition },
      pages: new Map(),
      gaps: new Map(),
    }
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

const padded = (offset: bigint): string => offset.toString().padStart(19, '0')
const gapKey = ({ incarnation, from, kind }: Gap): string => `${incarnation}#${padded(from)}#${kind}`
const endOf = ({ runs }: Pick<Page, 'runs'>): bigint => sourceEnd(runs.at(-1) ?? runs[0])

const toPage = ({ incarnation, followedBy, packed }: StoredPage): Page => {
  const [first, ...others] = unpackRuns(packed)
  if (first === undefined) throw new Error(`an empty page of ${incarnation} on the fake link state`)
  return { incarnation, followedBy, runs: [first, ...others] }
}
