import { ReplicationError } from '../../domain/errors.ts'
import type { BoundaryPoint, TopicBoundary } from '../../domain/failover/boundary.ts'
import { scrapeRefusal } from '../../domain/failover/scrape-refusal.ts'
import { finalHead, refillHead, voidHead } from '../../domain/failover/seeded-head.ts'
import type { TailPart } from '../../domain/failover/stranded-tail.ts'
import type { Head, Page } from '../../domain/head.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import { inLanes } from '../lanes.ts'
import type { LogEdges, PerPartition } from '../log-ports.ts'
import type { Deadline, LinkSnapshot } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'
import { edgesIn } from '../verify/log-edges.ts'
import type { CoreDeps, PairLink } from './failover-deps.ts'
import { isRefilled } from './returning-topics.ts'
import { type VoidPositions, voidPositions } from './void-positions.ts'

/** A partition whose old active side was emptied. */
interface EmptiedPartition {
  /** On the old active cluster, and on the new one. */
  readonly forth: PartitionId
  readonly back: PartitionId
  readonly point: BoundaryPoint
  /** The life of the topic on the new active cluster. */
  readonly incarnation: string
}

/** What was read of an emptied partition while the link back stood still. */
export interface RefillGround extends EmptiedPartition {
  /** Where the emptied log goes on. */
  readonly emptiedTo: bigint
  /** Where the log that it is filled from begins. */
  readonly logStart: bigint
  readonly forward: VoidMap
  readonly reverse: VoidMap
}

interface VoidMap {
  readonly head?: Head
  readonly pages: readonly Page[]
}

type Stamp = { readonly execution: string; readonly epoch: number; readonly now: number }
type RefillDeps = Pick<CoreDeps, 'order' | 'from' | 'to' | 'forward'> & { readonly reverse: PairLink }
type MapLink = Pick<PairLink, 'state' | 'pages'>

/** What is void, read while the link back stands still. */
export interface Emptied {
  /** By the name of the partition on the new active cluster. */
  readonly grounds: ReadonlyMap<string, RefillGround>
  readonly positions: readonly VoidPositions[]
}

export const NOTHING_EMPTIED: Emptied = { grounds: new Map(), positions: [] }

/** A topic that comes back, and where it ends on the old active cluster, by partition. */
interface Returning {
  readonly boundary: TopicBoundary
  readonly ends: ReadonlyMap<number, bigint>
}

const LANES = 10

/**
 * Throws `TAIL_LEFT` where a partition still holds records: they would be there twice, or in another order. Once somebody has
 * given that up, what was emptied is filled again behind what is there by now, and what was not stays as it is.
 */
export const readEmptied = async (
  execution: string,
  turns: readonly Returning[],
  heads: { readonly forward: LinkSnapshot; readonly reverse: LinkSnapshot },
  deadline: Deadline,
  deps: RefillDeps,
): Promise<Emptied> => {
  const { from, to, forward, reverse } = deps
  const returning = turns.filter(({ boundary }) => isRefilled(boundary)).flatMap(partitionsOf)
  const emptied = await from.log.edges(
    returning.map(({ forth }) => forth),
    deadline,
  )
  const partitions = await whatIsFilled(execution, returning, emptied, deadline, deps)
  const back = partitions.map((one) => one.back)
  const filled = await to.log.edges(back, deadline)
  const grounds = new Map<string, RefillGround>()
  await inLanes(partitions, LANES, async (partition) => {
    grounds.set(partitionName(partition.back), {
      ...partition,
      emptiedTo: edgesIn(emptied, partition.forth).end,
      logStart: edgesIn(filled, partition.back).start,
      forward: await mapOf(partition.forth, headIn(heads.forward, partition.forth), forward, deadline),
      reverse: await mapOf(partition.back, headIn(heads.reverse, partition.back), reverse, deadline),
    })
  })
  return { grounds, positions: await voidPositions(back, deadline, forward.groups) }
}

const partitionsOf = ({ boundary, ends }: Returning): readonly EmptiedPartition[] => {
  const { topic, targetTopic, targetIncarnation: incarnation, points } = boundary
  return [...points].flatMap(([partition, point]) => {
    if (!ends.has(partition)) return []
    return [{ forth: { topic, partition }, back: { topic: targetTopic, partition }, point, incarnation }]
  })
}

const whatIsFilled = async (
  execution: string,
  partitions: readonly EmptiedPartition[],
  edges: PerPartition<LogEdges>,
  deadline: Deadline,
  { order: { pair }, forward }: RefillDeps,
): Promise<readonly EmptiedPartition[]> => {
  const left = partitions.flatMap(({ forth }) => leftIn(forth, edges))
  if (left.length === 0) return partitions
  if ((await forward.pending.givenUp(execution, 'scrape', deadline)) === undefined)
    throw scrapeRefusal('TAIL_LEFT', 'filling the old active cluster again', left, { pair, execution })
  const parts = await forward.tails.parts(execution, deadline)
  return partitions.filter(({ forth }) => leftIn(forth, edges).length === 0 || wasEmptied(forth, edges, parts))
}

const leftIn = (id: PartitionId, edges: PerPartition<LogEdges>): readonly string[] => {
  const { start, end } = edgesIn(edges, id)
  return start === end ? [] : [`${partitionName(id)} holds offsets ${start} to ${end - 1n} still`]
}

/** Nothing is left of what was there when its end was written down: all that it holds was written since. */
const wasEmptied = (id: PartitionId, edges: PerPartition<LogEdges>, parts: readonly TailPart[]): boolean => {
  const lives = parts.filter((part) => partitionName(part) === partitionName(id))
  const { start } = edgesIn(edges, id)
  return lives.length > 0 && lives.every(({ emptyTo }) => emptyTo !== undefined && start >= emptyTo)
}

const mapOf = async (
  id: PartitionId,
  head: Head | undefined,
  { pages }: MapLink,
  deadline: Deadline,
): Promise<VoidMap> =>
  head === undefined ? { pages: [] } : { head, pages: await pages.sealed(id, head.incarnation, deadline) }

/**
 * The map of the forward link tells of places that were emptied, and so does the one of the link back from when it ran
 * before: both are void, heads first, since no page is looked for behind a head without runs. Then the link back begins at
 * the first record. Done twice it comes to the same; who comes late meets other heads, and other pages.
 */
export const refillPartition = async (
  ground: RefillGround,
  stamp: Stamp,
  deadline: Deadline,
  { forward, reverse }: Pick<RefillDeps, 'forward' | 'reverse'>,
): Promise<void> => {
  await voidForward(ground, stamp, deadline, forward)
  const { back, incarnation, logStart, emptiedTo, point } = ground
  const { head: known, pages } = ground.reverse
  const seed = { incarnation, logStart, refillBelow: point.targetEnd, nextTarget: emptiedTo, ...stamp }
  const next = refillHead(known, seed)
  if (next !== undefined) {
    if (next.pages.length > 0) await reverse.state.seal(back, next.pages, deadline)
    if ((await reverse.state.advance(back, known, next.head, deadline)) !== 'advanced') throw moved(back)
  }
  if (known?.incarnation === incarnation) await reverse.pages.unseal(back, pages, deadline)
}

const voidForward = async (
  { forth, emptiedTo, forward: { head: known, pages } }: RefillGround,
  { execution, epoch, now }: Stamp,
  deadline: Deadline,
  link: MapLink,
): Promise<void> => {
  if (known === undefined) return
  const end = { sourceEnd: emptiedTo, execution, epoch, now }
  const gap = finalHead(known, { ...end, drained: false })?.gap
  if (gap !== undefined) await link.state.recordGap(forth, gap, deadline)
  const head = voidHead(known, end)
  if (head !== undefined && (await link.state.advance(forth, known, head, deadline)) !== 'advanced') throw moved(forth)
  await link.pages.unseal(forth, pages, deadline)
}

const moved = (id: PartitionId): ReplicationError =>
  new ReplicationError('CHECKPOINT_MOVED', `setting ${partitionName(id)} to be filled again`)
