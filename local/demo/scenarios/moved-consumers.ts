import { endsOf } from '../../check/log-reader.ts'
import { ReadingGroup, type SeenRecord } from '../../check/reading-group.ts'
import { judgeReading, type ReadingVerdict } from '../../check/reading-verdict.ts'
import { recordIds } from '../../check/record-ids.ts'
import { GroupCommitter } from '../../kafka/group-commits.ts'
import type { LocalTopic } from '../../kafka/local-topics.ts'
import { eventually } from '../../machine/eventually.ts'
import type { WatchedLink } from './watched-world.ts'

export const ORDERS = { name: 'orders', partitions: 2 } satisfies LocalTopic

/** Records that a group has not read when it moves, of as many in all; of fewer records they are fewer. */
const LAGS = [0, 10, 1_000, 10_000]
const OF_RECORDS = 20_000

/** What every group is called, and how many records of each partition it has not read when it moves. */
const groupsOf = (records: number): ReadonlyMap<string, bigint> => {
  const shares = LAGS.map((lag) => Math.ceil((lag * Math.min(1, records / OF_RECORDS)) / ORDERS.partitions))
  return new Map(shares.map((share) => [`shop.${share * ORDERS.partitions}-behind`, BigInt(share)] as const))
}

/** Has read everything, and already a member on the target when the others are moved. */
export const LIVE = 'shop.live'

/** What a group is called in the figures. */
export const lagOf = (group: string): string => /(\d+)-behind$/.exec(group)?.[1] ?? 'live'

const READ_WITHIN_MS = 60_000
const MOVED_WITHIN_MS = 60_000

/** By group, what its consumer made of it. */
export type Consumers = Readonly<
  Record<string, ReadingVerdict & { readonly onSource: number; readonly onTarget: number }>
>

/** One consumer for each group, first on the source and then on the target, with a ledger of all that it got. */
export class MovedConsumers {
  readonly #link: WatchedLink
  /** What each leaves unread in each partition. */
  readonly #groups: ReadonlyMap<string, bigint>
  readonly #seenOnSource = new Map<string, readonly SeenRecord[]>()
  readonly #onTarget = new Map<string, ReadingGroup>()
  readonly #moved = new Set<string>()
  #live: ReadingGroup | undefined

  constructor(link: WatchedLink, records: number) {
    this.#link = link
    this.#groups = new Map([...groupsOf(records), [LIVE, 0n]])
  }

  /** Groups whose position on the target says exactly what they have read. */
  get moved(): number {
    return this.#moved.size
  }

  /** Each reads until it is at its lag behind what is there now, commits, and leaves. */
  async readOnSource(): Promise<void> {
    const ends = await endsOf(this.#link.source, ORDERS.name)
    await Promise.all([...this.#groups].map(([group, lag]) => this.#readUntil(group, ends, lag)))
  }

  /** Moves all groups while one is live on the target, and says what became of that one. */
  async moveAround(live: string): Promise<{ readonly live: { readonly positions: number; readonly said: string } }> {
    const { target } = this.#link
    const topics = [this.#targetTopic]
    this.#live = await ReadingGroup.join(target, { group: live, topics, stopsAt: () => 0n })
    const said = (await this.#link.moveGroups()).groups
      .filter(({ group }) => group === live)
      .flatMap(({ skipped }) => skipped.map(({ because }) => because))
    for (const group of this.#names.filter((one) => one !== live)) await this.#untilMoved(group)
    const committer = new GroupCommitter(target)
    try {
      const { size: positions } = await committer.committed(live, this.#targetTopic)
      return { live: { positions, said: [...new Set(said)].join(', ') } }
    } finally {
      await committer.close()
    }
  }

  /** Its member on the target leaves first. */
  async move(group: string): Promise<void> {
    await this.#live?.leave({ commits: false })
    this.#live = undefined
    await this.#untilMoved(group)
  }

  async startOnTarget(): Promise<void> {
    for (const group of this.#names)
      this.#onTarget.set(group, await ReadingGroup.join(this.#link.target, { group, topics: [this.#targetTopic] }))
  }

  /** To the end that the target has now. */
  async readToEnd(): Promise<void> {
    const ends = await endsOf(this.#link.target, this.#targetTopic)
    for (const [group, reading] of this.#onTarget) {
      await eventually(`${group} to read to the end`, () => hasReached(reading, ends), { withinMs: READ_WITHIN_MS })
      await reading.leave()
    }
  }

  async judge(): Promise<Consumers> {
    const written = new Set(await recordIds(this.#link.source, ORDERS.name))
    const verdicts = this.#names.map((group) => {
      const onSource = this.#seenOnSource.get(group) ?? []
      const onTarget = this.#onTarget.get(group)?.seen ?? []
      const ids = [...onSource, ...onTarget].map(({ id }) => id)
      return [group, { ...judgeReading(ids, written), onSource: onSource.length, onTarget: onTarget.length }] as const
    })
    return Object.fromEntries(verdicts)
  }

  async close(): Promise<void> {
    await this.#live?.leave({ commits: false })
    for (const reading of this.#onTarget.values()) await reading.leave({ commits: false })
  }

  get #names(): readonly string[] {
    return [...this.#groups.keys()]
  }

  get #targetTopic(): string {
    return this.#link.targetTopic(ORDERS.name)
  }

  async #readUntil(group: string, ends: readonly bigint[], lag: bigint): Promise<void> {
    const stops = ends.map((end) => end - lag)
    const stopsAt = (_topic: string, partition: number): bigint => stops[partition] ?? 0n
    const reading = await ReadingGroup.join(this.#link.source, { group, topics: [ORDERS.name], stopsAt })
    await eventually(`${group} to read to its lag`, () => hasReached(reading, stops), { withinMs: READ_WITHIN_MS })
    this.#seenOnSource.set(group, await reading.leave())
  }

  /** Until all that the group has read is on the target too, and its position there says so. */
  async #untilMoved(group: string): Promise<void> {
    const isMoved = async (): Promise<boolean> => {
      await this.#link.moveGroups()
      const { partitions } = await this.#link.translate(group)
      const there = partitions.filter(({ kind, target, committed }) => kind === 'exact' && target === committed)
      return there.length === ORDERS.partitions
    }
    await eventually(`${group} to be moved`, isMoved, { withinMs: MOVED_WITHIN_MS, everyMs: 200 })
    this.#moved.add(group)
  }
}

const hasReached = ({ seen }: ReadingGroup, ends: readonly bigint[]): boolean =>
  ends.every((end, partition) => end <= 0n || seen.findLast((one) => one.partition === partition)?.offset === end - 1n)
