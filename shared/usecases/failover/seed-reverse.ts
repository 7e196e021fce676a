import { asReplicationError, ReplicationError } from '../../domain/errors.ts'
import { reverseStart, type TopicBoundary } from '../../domain/failover/boundary.ts'
import { type FinalEnd, finalHead, seededHead } from '../../domain/failover/seeded-head.ts'
import { consumerGroup } from '../../domain/link-names.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { Link } from '../../domain/topology/topology.ts'
import { inLanes } from '../lanes.ts'
import type { LogEdges, PerPartition } from '../log-ports.ts'
import type { Deadline, LinkSnapshot } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'
import type { CoreDeps } from './failover-deps.ts'
import { NOTHING_EMPTIED, type RefillGround, readEmptied, refillPartition } from './refill-reverse.ts'
import { returningTopics } from './returning-topics.ts'
import { forgetPositions } from './void-positions.ts'

/** Of the failover whose boundary it is. */
export interface SeedCause {
  /** The name of the execution. */
  readonly execution: string
  readonly epoch: number
  /** Whether the old active side was drained, so that nothing of it is stranded. */
  readonly drained: boolean
  /** Whether the old active side was emptied, to be filled again with all that the new one has. */
  readonly refill: boolean
}

type ReverseDeps = Pick<CoreDeps, 'order' | 'from' | 'to' | 'forward' | 'clock'> & {
  readonly reverse: NonNullable<CoreDeps['reverse']>
}

/** A topic that goes back to where it came from, and both sides of it. */
interface Turn {
  readonly boundary: TopicBoundary
  /** Of the topic on the old active cluster, by partition. */
  readonly ends: ReadonlyMap<number, bigint>
}

/** A table answers a few thousand requests a second over so many connections. */
const LANES = 10

/**
 * `stands`: whether the link the other way still stands still. Asked after everything was read, so that what was read is how
 * it stood then; whoever comes late meets heads that have moved since, and writes nothing.
 */
export type Stands = () => Promise<boolean>

/**
 * Lets the link the other way begin where the forward link ended, so that neither copies what the other has: its heads, and
 * the groups of its pollers, at the boundary; the heads of the forward link at the end of what was written on its source.
 * Done twice, or taken up where somebody died, it comes to the same, as long as the link the other way stands still.
 */
export const seedReverse = async (
  cause: SeedCause,
  { link, stands }: { readonly link: Link; readonly stands: Stands },
  deadline: Deadline,
  deps: ReverseDeps,
): Promise<{ readonly topics: number; readonly partitions: number }> => {
  const turns = await turnsOf(cause, link, deadline, deps)
  const back = turns.flatMap(({ boundary }) => idsOf(boundary, boundary.targetTopic))
  const forth = turns.flatMap(({ boundary }) => idsOf(boundary, boundary.topic))
  const [reverseHeads, forwardHeads] = await Promise.all([
    deps.reverse.state.read(back, deadline),
    deps.forward.state.read(forth, deadline),
  ])
  const heads = { reverse: reverseHeads, forward: forwardHeads }
  const { grounds, positions } = cause.refill
    ? await readEmptied(cause.execution, turns, heads, deadline, deps)
    : NOTHING_EMPTIED
  if (!(await stands()))
    throw new ReplicationError('CHECKPOINT_MOVED', `setting ${link.name} to the boundary: it has begun meanwhile`)
  const troubles: ReplicationError[] = []
  await inLanes(turns, LANES, async (turn) => {
    try {
      await turnAround(turn, cause, { heads, link, grounds }, deadline, deps)
    } catch (error) {
      troubles.push(asReplicationError(error, `turning ${turn.boundary.topic} around`))
    }
  })
  const [trouble] = troubles
  if (trouble !== undefined) throw trouble
  await forgetPositions(positions, deadline, deps.forward.groups)
  return { topics: turns.length, partitions: back.length }
}

const idsOf = ({ points }: TopicBoundary, topic: string): readonly PartitionId[] =>
  [...points.keys()].map((partition) => ({ topic, partition }))

/** What the link brings back to where it came from; a topic that is another one by now, on either side, begins anew. */
const turnsOf = async (
  { execution }: SeedCause,
  link: Link,
  deadline: Deadline,
  { forward, from, to }: ReverseDeps,
): Promise<readonly Turn[]> => {
  const live = await returningTopics(execution, link, deadline, { boundary: forward.boundary, topics: to.topics })
  const edges = await from.log.edges(
    live.flatMap((one) => idsOf(one, one.topic)),
    deadline,
  )
  return live.flatMap((boundary): Turn[] => {
    const ends = endsOf(boundary, edges)
    return ends === undefined ? [] : [{ boundary, ends }]
  })
}

/** `undefined`: the topic is not there any more. */
const endsOf = ({ topic, points }: TopicBoundary, edges: PerPartition<LogEdges>) => {
  const ends = new Map<number, bigint>()
  for (const partition of points.keys()) {
    const answer = edges.get(partitionName({ topic, partition }))
    if (answer instanceof ReplicationError && answer.code === 'SOURCE_TOPIC_UNKNOWN') continue
    if (answer instanceof ReplicationError) throw answer
    if (answer !== undefined) ends.set(partition, answer.end)
  }
  return ends.size === 0 ? undefined : ends
}

type Heads = { readonly reverse: LinkSnapshot; readonly forward: LinkSnapshot }

interface Ground {
  readonly heads: Heads
  readonly link: Link
  /** Of partitions that are filled again, by the name on the new active cluster. */
  readonly grounds: ReadonlyMap<string, RefillGround>
}

const turnAround = async (
  { boundary, ends }: Turn,
  cause: SeedCause,
  { heads, link, grounds }: Ground,
  deadline: Deadline,
  deps: ReverseDeps,
): Promise<void> => {
  const { topic, targetTopic, targetIncarnation: incarnation, points } = boundary
  for (const [partition, point] of points) {
    const sourceEnd = ends.get(partition)
    if (sourceEnd === undefined) continue
    const ground = grounds.get(partitionName({ topic: targetTopic, partition }))
    if (ground !== undefined) {
      await refillPartition(ground, { execution: cause.execution, ...stampOf(cause, deps) }, deadline, deps)
      continue
    }
    await end({ topic, partition }, sourceEnd, cause, heads.forward, deadline, deps)
    const seed = { incarnation, nextSource: reverseStart(point), nextTarget: sourceEnd, ...stampOf(cause, deps) }
    await begin({ topic: targetTopic, partition }, seed, heads.reverse, deadline, deps)
  }
  await deps.reverse.groups.rewind(consumerGroup(link, targetTopic), targetTopic, startsOf(boundary, grounds), deadline)
}

const startsOf = (
  { targetTopic: topic, points }: TopicBoundary,
  grounds: Ground['grounds'],
): ReadonlyMap<number, bigint> =>
  new Map(
    [...points].map(([partition, point]) => [
      partition,
      grounds.get(partitionName({ topic, partition }))?.logStart ?? reverseStart(point),
    ]),
  )

const stampOf = ({ epoch }: SeedCause, { clock }: ReverseDeps) => ({ epoch, now: clock.now() })

const begin = async (
  id: PartitionId,
  seed: Parameters<typeof seededHead>[1],
  heads: LinkSnapshot,
  deadline: Deadline,
  { reverse }: ReverseDeps,
): Promise<void> => {
  const known = headIn(heads, id)
  const seeded = seededHead(known, seed)
  if (seeded === undefined) return
  if (seeded.pages.length > 0) await reverse.state.seal(id, seeded.pages, deadline)
  if ((await reverse.state.advance(id, known, seeded.head, deadline)) !== 'advanced') throw moved(id, 'link back')
}

const end = async (
  id: PartitionId,
  sourceEnd: bigint,
  cause: SeedCause,
  heads: LinkSnapshot,
  deadline: Deadline,
  deps: ReverseDeps,
): Promise<void> => {
  const known = headIn(heads, id)
  const { drained, execution } = cause
  const stand: FinalEnd = { sourceEnd, drained, execution, ...stampOf(cause, deps) }
  const final = known && finalHead(known, stand)
  if (final === undefined) return
  if (final.gap !== undefined) await deps.forward.state.recordGap(id, final.gap, deadline)
  if ((await deps.forward.state.advance(id, known, final.head, deadline)) !== 'advanced')
    throw moved(id, 'forward link')
}

const moved = (id: PartitionId, link: string): ReplicationError =>
  new ReplicationError('CHECKPOINT_MOVED', `setting ${partitionName(id)} of the ${link} to the boundary`)
