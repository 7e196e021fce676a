import {
  isEcho,
  isRewindOwed,
  isSameOrigin,
  isSamePosition,
  isSetBack,
  nextPosition,
  type Origin,
  type PublishedPosition,
} from './group-record.ts'
import type { Bound, BoundKind, Lane, Stand, Standing } from './group-stand.ts'

/**
 * Why a position is not moved. `live`: the group has members on the target. `would-lower`: the target is past it, and the
 * source group was not rewound, or the link does not follow rewinds. `echo`: the link the other way published it on the
 * source, so that it is no news on the target. `before-start`: what stands on the target may be older than the map, which
 * does not know what lies between. `set-back`: somebody set the group back on the target, and on the source it has not moved
 * since. `unstable`: a transaction that would move it is open. `unmapped`: nothing is
 * replicated there yet, or another life of the topic. `unknown-way`: a link the other way may know better and cannot be
 * asked. `unnamed`: the group's name is too long to be remembered. `failed`: a cluster or a table refused to tell.
 */
export const SKIP_REASONS = [
  'live',
  'would-lower',
  'echo',
  'before-start',
  'set-back',
  'unstable',
  'unmapped',
  'unknown-way',
  'unnamed',
  'failed',
] as const
export type SkipReason = (typeof SKIP_REASONS)[number]

export interface Skip {
  readonly group: string
  readonly topic: string
  readonly targetTopic?: string
  readonly partition: number
  readonly because: SkipReason
  readonly detail: string
}

/** A position to commit on the target. */
export interface PlannedMove {
  readonly group: string
  readonly targetTopic: string
  readonly partition: number
  readonly origin: Origin
  /** What the group committed on the source, and what it is on the target. */
  readonly source: bigint
  readonly target: bigint
  /** What stands on the target; absent: nothing does. */
  readonly was?: bigint
  readonly kind: BoundKind
  readonly by?: bigint
  readonly metadata: string
  readonly rewind: boolean
}

/** `position`: what is to be remembered of the partition from now on, where that is something else. */
type PositionVerdict = { readonly position?: PublishedPosition } & (
  | { readonly kind: 'in-step' }
  | { readonly kind: 'move'; readonly move: PlannedMove }
  | { readonly kind: 'skip'; readonly skip: Skip }
)

/** A lane with a position on the source and one on the target. */
export interface Reached {
  readonly stand: Stand
  readonly targetTopic: string
  readonly source: bigint
  readonly metadata: string
  readonly bound: Extract<Bound, { readonly target: bigint }>
}

/** Decides for one partition of one topic of the target. `published`: what the link remembers of it. */
export const decidePosition = (
  lanes: readonly Lane[],
  standing: Standing | undefined,
  published: PublishedPosition | undefined,
  { followRewinds }: { readonly followRewinds: boolean },
): PositionVerdict => {
  const best = reachOf(lanes)
  if ('because' in best) return { kind: 'skip', skip: best }
  const skip = (because: SkipReason, detail: string): PositionVerdict => ({
    kind: 'skip',
    skip: skipOf(best.stand, best.targetTopic, because, detail),
  })
  if (lanes.every(({ stand }) => stand.echo)) return skip('echo', 'the link the other way put it there')
  if (standing?.kind === 'unstable') return skip('unstable', 'a transaction on the target would move it')
  if (standing?.kind === 'failed') return skip('failed', standing.error.message)
  const settled = published && settledBy(published, standing?.offset)
  const remembered = settled !== undefined && !isSamePosition(published, settled) ? { position: settled } : {}
  const before = settled ?? published
  const { target } = best.bound
  if (standing === undefined) return moveTo(best, undefined, before, false)
  if (target > standing.offset) {
    const stays = whyNotRaised(lanes, best, published, standing.offset)
    if (stays === undefined) return moveTo(best, standing.offset, before, false)
    return { ...skip(stays.because, stays.detail), ...remembered }
  }
  if (target === standing.offset) return { kind: 'in-step', ...remembered }
  if (followRewinds && wasRewound(best, published, standing.offset)) return moveTo(best, standing.offset, before, true)
  const detail = `the target is at ${standing.offset}, past ${target} where the source group is`
  return { ...skip('would-lower', detail), ...remembered }
}

/** What would be jumped over although somebody may want to read it. */
const whyNotRaised = (
  lanes: readonly Lane[],
  { stand, source, bound }: Reached,
  published: PublishedPosition | undefined,
  standing: bigint,
): Pick<Skip, 'because' | 'detail'> | undefined => {
  if (lanes.some(isBeforeStart)) {
    const detail = `the map begins at ${bound.target}, and does not know which records from ${standing} on are unread`
    return { because: 'before-start', detail }
  }
  const isNews = published === undefined || !isSameOrigin(published.origin, stand.origin) || source !== published.source
  if (isNews || !isSetBack(published, standing)) return undefined
  const detail = `set back to ${standing} on the target, and on the source not moved since it was at ${published.target}`
  return { because: 'set-back', detail }
}

/** Older pages of the map may have expired, so that there are replicated records before its beginning. */
const isBeforeStart = ({ lead }: Lane): boolean => lead.bound.kind === 'before-start'

const skipOf = (
  { group, origin: { topic }, partition }: Stand,
  targetTopic: string,
  because: SkipReason,
  detail: string,
): Skip => ({ group, topic, targetTopic, partition, because, detail })

/**
 * Where the group resumes: at the smallest of its bounds, since each is the first unread record of a kind. What the other
 * link put on the source is no news, but bounds what is. Throws a `RangeError` without a lane.
 */
export const reachOf = (lanes: readonly Lane[]): Reached | Skip => {
  const reached: Reached[] = []
  const open = lanes.filter(({ lead }) => lead.bound.kind !== 'passed')
  for (const { stand, lead } of open.length > 0 ? open : lanes) {
    const { standing } = stand
    const skip = (because: SkipReason, detail: string) => skipOf(stand, lead.targetTopic, because, detail)
    if (standing.kind === 'unstable') return skip('unstable', 'a transaction on the source would move it')
    if (standing.kind === 'failed') return skip('failed', standing.error.message)
    if ('detail' in lead.bound) return skip(lead.bound.kind, lead.bound.detail)
    const bound = raised(lead.bound, stand, lead.targetTopic)
    if (bound === undefined) return skip('unmapped', 'none of its records is replicated yet')
    const { offset: source, metadata } = standing
    reached.push({ stand, targetTopic: lead.targetTopic, source, metadata, bound })
  }
  const [one, ...others] = reached
  if (one === undefined) throw new RangeError('a position without a way')
  return others.reduce((least, next) => (next.bound.target < least.bound.target ? next : least), one)
}

/** See `Bound.after`: where a map ends, records of the other origin may follow that the group has read as well. */
const raised = (
  bound: Exclude<Bound, { readonly detail: string }>,
  { leads }: Stand,
  to: string,
): Reached['bound'] | undefined => {
  const alike = leads.filter(({ targetTopic }) => targetTopic === to)
  const afters = alike.flatMap((lead) => ('after' in lead.bound ? (lead.bound.after ?? []) : []))
  const after = afters.reduce((most, next) => (next > most ? next : most), 0n)
  if ('target' in bound) return bound.target < after ? { ...bound, target: after } : bound
  return afters.length === 0 ? undefined : { kind: 'exact', target: after }
}

/** What was owed is done when the target stands there, and nobody's any more when somebody else has moved it. */
const settledBy = (published: PublishedPosition, standing: bigint | undefined): PublishedPosition => {
  if (standing === undefined || published.rewindOwed === undefined) return published
  if (isRewindOwed(published, standing)) return published
  const { rewindOwed: _, ...rest } = published
  return rest
}

/** Offsets of two lives of a topic do not compare. */
const wasRewound = ({ stand, source }: Reached, published: PublishedPosition | undefined, standing: bigint): boolean =>
  published !== undefined &&
  isSameOrigin(published.origin, stand.origin) &&
  (source < published.source || isRewindOwed(published, standing))

const moveTo = (
  { stand, targetTopic, source, metadata, bound }: Reached,
  was: bigint | undefined,
  published: PublishedPosition | undefined,
  rewind: boolean,
): PositionVerdict => {
  const { group, partition, origin } = stand
  const { target, kind, by } = bound
  const stood = was === undefined ? {} : { was }
  const position = nextPosition(published, { origin, source, target, ...stood, ...(rewind && { rewindOwed: true }) })
  const reached = { kind, ...(by !== undefined && { by }) }
  const move = { group, targetTopic, partition, origin, source, target, metadata, rewind, ...stood, ...reached }
  return { kind: 'move', move, position }
}

export const isStandingEcho = (published: PublishedPosition | undefined, standing: Standing): boolean =>
  standing.kind === 'committed' && isEcho(published, standing.offset)
