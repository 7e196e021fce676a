import { ReplicationError } from '../../domain/errors.ts'
import type { TopicBoundary } from '../../domain/failover/boundary.ts'
import { lockFacts } from '../../domain/failover/lock-facts.ts'
import { type PlacedFacts, placedDoubts, placedIn } from '../../domain/failover/placed-positions.ts'
import { kindOf } from '../../domain/failover/preflight-check.ts'
import { HEARTBEAT_TOPIC } from '../../domain/heartbeat/beat.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import { keepsName } from '../../domain/topics/topic-naming.ts'
import { inLanes } from '../lanes.ts'
import type { Deadline } from '../ports.ts'
import { countRecords } from './counted-rest.ts'
import type { DataDeps } from './data-deps.ts'
import type { PerformStep, StepContext } from './failover-ports.ts'
import { publishedStand } from './published-positions.ts'

/** A source that may be gone is not waited for. */
const SOURCE_WITHIN_MS = { planned: 15_000, unplanned: 5_000 } as const
const LANES = 20
const MOST_READS = 4
const MOST_NAMED = 5

/** Looks whether what was promised is so, after the promotion and before anything flows back. Changes nothing. */
export const verify: PerformStep<DataDeps> = async (context, deadline, deps) => {
  if (!context.effects) return { outcome: 'done', message: 'would look at roles, groups and the ends of the source' }
  const wrong = await wrongRole(context, deadline, deps)
  if (wrong !== undefined) return { outcome: 'refused', message: wrong }
  const [stand, ends] = await Promise.all([groupsBehind(context, deadline, deps), sourceSince(context, deadline, deps)])
  const facts = { positions: stand.positions, behind: stand.behind.slice(0, MOST_NAMED), ...ends.facts }
  if (stand.behind.length > 0) {
    const message = `${stand.behind.length} positions of groups are below where they were left: ${named(stand.behind)}; who has set them back?`
    return { outcome: 'refused', message, facts }
  }
  if (ends.grown.length > 0) {
    const message = `the old cluster has taken records since the boundary, in ${named(ends.grown)}: its fence leaks`
    return { outcome: 'refused', message, facts }
  }
  return { outcome: 'done', message: `${stand.told}; ${ends.told}`, facts }
}

const named = (names: readonly string[]): string =>
  `${names.slice(0, MOST_NAMED).join(', ')}${names.length > MOST_NAMED ? ', …' : ''}`

const wrongRole = async (
  { before, execution }: StepContext,
  deadline: Deadline,
  { forward, reverse, order, within }: DataDeps,
): Promise<string | undefined> => {
  const { epoch } = lockFacts(before)
  const { status } = await forward.pair.read(deadline)
  if (status.role !== 'active' || status.epoch !== epoch)
    return `${order.to.cluster} is ${status.role} in epoch ${status.epoch}, and was promoted to be active in epoch ${epoch}`
  if (status.mode !== 'stopped')
    return `the link is ${status.mode}: it may not forward to the cluster that is active now`
  const { provenance, naming } = order.forward.order.link
  if (reverse === undefined || provenance || !keepsName(naming)) return undefined
  const soon = within(SOURCE_WITHIN_MS[kindOf(execution.input.mode)], deadline)
  try {
    const { mode } = (await reverse.pair.read(soon)).status
    return mode === 'forwarding' ? 'the link the other way forwards already, before it knows where to begin' : undefined
  } catch (error) {
    if (execution.input.mode === 'unplanned' && error instanceof ReplicationError && error.transient) return undefined
    throw error
  } finally {
    soon.end()
  }
}

interface GroupsBehind {
  readonly positions: number
  readonly behind: readonly string[]
  /** When none is behind. */
  readonly told: string
}

const groupsBehind = async (
  { before, execution }: StepContext,
  deadline: Deadline,
  deps: DataDeps,
): Promise<GroupsBehind> => {
  const left = before.get('groups')?.data ?? {}
  if (execution.input.positions.kind !== 'mapped')
    return await placedBehind(placedIn(before.get('promote')?.data), deadline, deps)
  if (typeof left['positions'] !== 'number') return { positions: 0, behind: [], told: 'no group was moved' }
  const { positions, behind } = await publishedStand(deadline, { ledger: deps.forward.groups, target: deps.to.groups })
  const known = new Set(Array.isArray(left['behind']) ? left['behind'] : [])
  const told = `${positions} positions of groups are in place`
  return { positions, behind: behind.filter((place) => !known.has(place)), told }
}

/** A group that stands nowhere is behind as well. */
const placedBehind = async (
  facts: PlacedFacts | undefined,
  deadline: Deadline,
  { to, order }: DataDeps,
): Promise<GroupsBehind> => {
  if (facts === undefined) return { positions: 0, behind: [], told: `${NOT_KNOWN} on ${order.to.cluster}` }
  const { placed, positions } = facts
  const committed = await to.groups.committed([...new Set(placed.map(({ group }) => group))], deadline)
  const behind = placed.filter(({ group, topic, partition, offset }) => {
    const offsets = committed.get(group)
    if (offsets instanceof ReplicationError) throw offsets
    const standing = offsets?.get(topic)?.get(partition)
    return standing?.kind !== 'committed' || standing.offset < BigInt(offset)
  })
  const some = positions > placed.length ? ` of ${positions}` : ''
  return {
    positions: placed.length,
    behind: behind.map((place) => `${place.group} ${partitionName(place)}`),
    told: `${placed.length}${some} positions of groups are in place${placedDoubts(facts)}`,
  }
}

const NOT_KNOWN =
  'which groups were placed is not known, so that nobody can tell whether they are: look where they stand'

interface SourceSince {
  /** Partitions with records after the boundary. */
  readonly grown: readonly string[]
  readonly told: string
  readonly facts: Readonly<Record<string, number>>
}

/** The end of a log moves by markers as well; only records are writes of somebody. */
const sourceSince = async ({ execution }: StepContext, deadline: Deadline, deps: DataDeps): Promise<SourceSince> => {
  const bounds = sourceBounds(await deps.forward.boundary.topics(execution.name, deadline))
  const soon = deps.within(SOURCE_WITHIN_MS[kindOf(execution.input.mode)], deadline)
  const grown: string[] = []
  let untold = 0
  try {
    const edges = await deps.from.log.edges(bounds, soon)
    await inLanes(bounds, LANES, async (bound) => {
      const edge = edges.get(partitionName(bound))
      if (edge === undefined || edge instanceof ReplicationError) untold++
      else if (edge.end > bound.end && (await hasRecords(bound, edge.end, soon, deps))) grown.push(partitionName(bound))
    })
  } finally {
    soon.end()
  }
  const still = bounds.length - untold - grown.length
  const told = `${still} of ${bounds.length} partitions of the old cluster have taken nothing since the boundary, ${untold} do not tell`
  return { grown: grown.sort(), told, facts: { still, untold, grown: grown.length } }
}

const hasRecords = async (
  { topic, partition, end: from }: SourceBound,
  to: bigint,
  deadline: Deadline,
  { from: { log } }: DataDeps,
): Promise<boolean> => {
  try {
    const { records, offsets } = await countRecords(
      { topic, partition },
      { from, to, maxReads: MOST_READS },
      deadline,
      log,
    )
    return records > 0 || offsets > 0n
  } catch (error) {
    if (error instanceof ReplicationError) return true // that it grew is known, and that it did so by markers alone is not
    throw error
  }
}

interface SourceBound extends PartitionId {
  readonly end: bigint
}

/** Beats of the link's own come on, whatever is fenced. */
const sourceBounds = (topics: readonly TopicBoundary[]): readonly SourceBound[] =>
  topics
    .filter(({ topic }) => topic !== HEARTBEAT_TOPIC)
    .flatMap(({ topic, points }) =>
      [...points].flatMap(([partition, { sourceEnd }]): SourceBound[] =>
        sourceEnd === undefined ? [] : [{ topic, partition, end: sourceEnd }],
      ),
    )
