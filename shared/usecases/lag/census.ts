import type { Head, Page } from '../../domain/head.ts'
import {
  type Account,
  type Accounts,
  accountOf,
  accountsOf,
  type CountedMap,
  countRuns,
  type MapCount,
  NOTHING_COUNTED,
  type TopicAccount,
} from '../../domain/lag/accounts.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { Link } from '../../domain/topology/topology.ts'
import { inLanes } from '../lanes.ts'
import type { Clock, Deadline, GapLedger, OffsetMapPages } from '../ports.ts'

export interface CensusDeps {
  readonly link: Pick<Link, 'provenance' | 'delivery'>
  readonly state: Pick<GapLedger, 'gaps'> & Pick<OffsetMapPages, 'oldestPage' | 'pageAtSource'>
  readonly clock: Clock
}

/** A partition, and its head as it was read now; absent: nothing was ever replicated, or nobody can tell now. */
export interface CountedPartition extends PartitionId {
  readonly head?: Head
  /** How far its lives that are over are accounted for. */
  readonly ended?: string
}

/** How far the sealed pages of one life are counted. */
interface PagesCounted {
  readonly incarnation: string
  readonly count: MapCount
  /** Where the page begins that comes next; absent: none was counted yet. */
  readonly next?: bigint
}

interface Known {
  readonly at: number
  /** The checkpoints that were there then. */
  readonly stood: string
  readonly account: Account
  readonly pages?: PagesCounted
}

/** In one look: the partitions that were counted longest ago come first, and the others have their turn in the next ones. */
const MOST_PARTITIONS = 500
const MOST_PAGES = 200
/** Of a partition whose checkpoint stands. */
const TRUSTED_MS = 600_000
const LANES = 10

/**
 * Counts gaps and what no run covers, from the ledger and the maps, a bounded part of them at a time. Sealed pages never
 * change, so that each of them is read once by a process.
 */
export class Census {
  readonly #deps: CensusDeps
  readonly #known = new Map<string, Known>()

  constructor(deps: CensusDeps) {
    this.#deps = deps
  }

  /** `undefined`: there are so many partitions that not all were counted yet. Throws errors whose codes begin with `STATE_`. */
  async take(partitions: readonly CountedPartition[], deadline: Deadline): Promise<Accounts | undefined> {
    const names = new Set(partitions.map(partitionName))
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name)
    const age = (partition: PartitionId): number => this.#known.get(partitionName(partition))?.at ?? 0
    const due = partitions
      .filter((partition) => this.#isDue(partition))
      .toSorted((one, other) => age(one) - age(other))
      .slice(0, MOST_PARTITIONS)
    const budget = { pages: MOST_PAGES }
    await inLanes(due, LANES, (partition) => this.#count(partition, budget, deadline))
    const accounts = partitions.flatMap((partition): TopicAccount[] => {
      const known = this.#known.get(partitionName(partition))
      return known === undefined ? [] : [{ topic: partition.topic, ...known.account }]
    })
    return accounts.length < partitions.length ? undefined : accountsOf(accounts, this.#deps.clock.now())
  }

  /** Gaps come with a move of a checkpoint; only what operators put back, and what verification finds lost, does not. */
  #isDue(partition: CountedPartition): boolean {
    const known = this.#known.get(partitionName(partition))
    if (known === undefined || known.account.atLeast || known.stood !== standOf(partition)) return true
    return this.#deps.clock.now() - known.at >= TRUSTED_MS
  }

  async #count(partition: CountedPartition, budget: { pages: number }, deadline: Deadline): Promise<void> {
    const { link, state, clock } = this.#deps
    const name = partitionName(partition)
    const { head } = partition
    const gaps = await state.gaps(partition, deadline)
    const before = this.#known.get(name)?.pages
    const pages = head && (await this.#countPages(partition, head, before, budget, deadline))
    const isShared = link.provenance || link.delivery === 'exactly-once'
    const account = accountOf(gaps, mapOf(head, pages), { isShared })
    this.#known.set(name, { at: clock.now(), stood: standOf(partition), account, ...(pages && { pages }) })
  }

  /** Goes on where the last look ended. A page that is missing where one has to be makes the count begin anew. */
  async #countPages(
    partition: PartitionId,
    head: Head,
    before: PagesCounted | undefined,
    budget: { pages: number },
    deadline: Deadline,
  ): Promise<PagesCounted> {
    const { incarnation } = head
    const openFrom = openFromOf(head)
    let counted: PagesCounted = before?.incarnation === incarnation ? before : { incarnation, count: NOTHING_COUNTED }
    while (!isWhole(counted, openFrom) && budget.pages > 0) {
      budget.pages--
      const page = await this.#pageAfter(partition, counted, deadline)
      if (page === undefined)
        return counted.next === undefined ? { ...counted, next: openFrom } : { incarnation, count: NOTHING_COUNTED }
      counted = { incarnation, count: countRuns(counted.count, page.runs), next: page.followedBy.source }
    }
    return counted
  }

  async #pageAfter(
    partition: PartitionId,
    { incarnation, next }: PagesCounted,
    deadline: Deadline,
  ): Promise<Page | undefined> {
    const { state } = this.#deps
    if (next === undefined) return await state.oldestPage(partition, incarnation, deadline)
    const page = await state.pageAtSource(partition, incarnation, next, deadline)
    return page?.runs[0].source === next ? page : undefined
  }
}

const standOf = ({ head, ended = '' }: CountedPartition): string =>
  head ? `${head.incarnation} ${head.nextSource} ${ended}` : ended

const openFromOf = ({ openRuns, nextSource }: Head): bigint => openRuns[0]?.source ?? nextSource

const isWhole = ({ next }: PagesCounted, openFrom: bigint): boolean => next !== undefined && next >= openFrom

/** Runs that left the head after it was read are in a page by then. */
const mapOf = (head: Head | undefined, pages: PagesCounted | undefined): CountedMap => {
  if (head === undefined) return NOTHING_COUNTED
  if (pages?.next === undefined) return { ...NOTHING_COUNTED, atLeast: true }
  const { count, next } = pages
  if (!isWhole(pages, openFromOf(head))) return { ...count, atLeast: true }
  return countRuns(
    count,
    head.openRuns.filter(({ source }) => source >= next),
  )
}
