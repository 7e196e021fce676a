import type { Gap } from '../../../shared/domain/head.ts'
import type { SourceLife } from '../../support/source-life.ts'
import type { Invariant } from './invariants.ts'
import type { Observed } from './observed-world.ts'

const covers = (gaps: readonly Gap[], { incarnation }: SourceLife, offset: bigint): boolean =>
  gaps.some((gap) => gap.incarnation === incarnation && gap.from <= offset && offset < gap.to)

/**
 * In the ledger and told, both: whoever dies between the two tells it when the batch comes again, unless somebody has moved
 * the poller past it.
 */
const isConfessed = ({ gaps, world }: Observed, life: SourceLife, offset: bigint): boolean =>
  covers(gaps, life, offset) && (covers(world.told, life, offset) || life.skipped.has(Number(offset)))

/** On the target and in the map, known to have come from there, or confessed. */
const isKnown = (observed: Observed, offset: bigint): boolean => {
  const { mapped } = observed.world
  return mapped.copies.has(offset) || mapped.looped.has(offset) || isConfessed(observed, mapped, offset)
}

/** Source offsets below the checkpoint whose records the link has not met; markers and compacted records need no word. */
const unmet = (observed: Observed): bigint[] => {
  const { mapped, head } = observed.world
  const below = Array.from({ length: Number(head?.nextSource ?? 0n) }, (_, at) => at)
  return below
    .filter((at) => mapped.isRecord(at) && at >= mapped.start)
    .map(BigInt)
    .filter((at) => !isKnown(observed, at))
}

/** What somebody moved the poller past is a hole like any other, but one that is marked as not read yet. */
const confessesGaps = (observed: Observed): string[] => {
  const { mapped, head } = observed.world
  const isMarked = (offset: bigint): boolean => head?.unverifiedFrom !== undefined && offset >= head.unverifiedFrom
  return unmet(observed)
    .filter((offset) => !mapped.skipped.has(Number(offset)) || !isMarked(offset))
    .map((offset) => `source offset ${offset} is below the checkpoint and nowhere, and nobody was told`)
}

/** Of every life: what the poller was told is done is on the target, came from there, or is confessed. */
const dropsNothing = (observed: Observed): string[] => {
  const { world } = observed
  const there = new Set(world.target.records('orders', 0).map((_, at) => world.copyAt(BigInt(at))))
  return world.lives.flatMap((life) =>
    [...life.answered]
      .filter((offset) => life.slots[offset] !== 'looped' && !there.has(`${life.incarnation}-${offset}`))
      .filter((offset) => !isConfessed(observed, life, BigInt(offset)))
      .map((offset) => `source offset ${offset} of ${life.incarnation} was answered as done, and is nowhere`),
  )
}

/** A record that was skipped, and that the ledger does not know, is not taken for a redelivery when it comes. */
const refusesWhatWasSkipped = async (observed: Observed): Promise<string[]> => {
  const { world, gaps } = observed
  const violations: string[] = []
  if (world.mapped !== world.life) return []
  const unknown = unmet(observed).filter((at) => world.life.holds(Number(at)) && !covers(gaps, world.life, at))
  for (const offset of unknown)
    if (await world.invoke([Number(offset)])) violations.push(`source offset ${offset} was dropped as a redelivery`)
  return violations
}

const criesNoWolf = ({ gaps, world }: Observed): string[] =>
  gaps
    .filter(({ kind }) => kind === 'lost')
    .filter(({ incarnation, to }) => (world.lives.find((life) => life.incarnation === incarnation)?.logStart ?? 0) < to)
    .map(({ from, to }) => `source offsets ${from} to ${to} count as lost, and retention has not taken them`)

const neverSilent = async (observed: Observed): Promise<string[]> => [
  ...confessesGaps(observed),
  ...dropsNothing(observed),
  ...criesNoWolf(observed),
  ...(await refusesWhatWasSkipped(observed)),
]

const hadZombies = ({ history }: Observed): boolean =>
  history.some((step) => step.kind === 'deliver' && step.accident.kind === 'asleep')

/**
 * An invocation that goes on late may take for lost what another one replicated before retention came: it tells before it
 * sees that the checkpoint has moved. Rather one false entry than none.
 */
const accountsOnce = (observed: Observed): string[] => {
  const { mapped, runs } = observed.world
  const gaps = observed.gaps.filter(({ kind }) => kind !== 'lost' || !hadZombies(observed))
  const inRun = (offset: bigint): boolean =>
    runs.some(({ source, length }) => source <= offset && offset < source + length)
  return mapped.slots
    .map((_, at) => BigInt(at))
    .filter((offset) => inRun(offset) && covers(gaps, mapped, offset))
    .map((offset) => `source offset ${offset} is in a run and in a gap`)
}

export const LOSS_INVARIANTS: readonly Invariant[] = [
  { id: 'I10', sentence: 'accepts no unexplained gap silently', violations: neverSilent },
  { id: 'I10b', sentence: 'accounts for an offset by a run or by a gap, not by both', violations: accountsOnce },
]
