import { fingerprint } from './fingerprint.ts'
import type { Head } from './head.ts'
import { type Hole, holesIn, splitAtLogStart } from './intake.ts'
import { withLooped } from './looped-runs.ts'
import { extendRuns } from './offset-map.ts'
import type { PolledRecord } from './record.ts'
import { type Run, targetEnd } from './run.ts'

/** What a batch met before anything was appended: which life of the topic, from where on, and where retention has got to. */
export interface Admission {
  readonly incarnation: string
  /** The source offset that was due: the checkpoint, or where replication of this partition begins. */
  readonly start: bigint
  /** `undefined`: no offset is missing, so nobody asked. */
  readonly logStart: bigint | undefined
}

/** How far a batch got: the records that are on the target, in quarantine or looped, a prefix of what was new. */
export interface Progress {
  readonly handled: readonly [PolledRecord, ...PolledRecord[]]
  /** In order; empty when all of `handled` went into quarantine or looped. */
  readonly runs: readonly Run[]
  /** The stretches of `handled` that came from the target and were not copied back, in order. */
  readonly looped: readonly Hole[]
}

/** The `nextTarget` of a head as long as none of its partition's records is on the target. */
const NOTHING_ON_TARGET = 0n

/** The holes before and between the handled records, split by what they mean. */
export const holesOf = ({ start, logStart }: Admission, { handled }: Progress): { lost: Hole[]; unverified: Hole[] } =>
  splitAtLogStart(holesIn(handled, start), logStart ?? start)

/** Target offsets between the last known record and the first new one: copies of a crash, or somebody else's records. */
export const unmappedBefore = (head: Head, [first]: readonly Run[]): bigint =>
  head.nextTarget === NOTHING_ON_TARGET || first === undefined ? 0n : first.target - head.nextTarget

/**
 * Where the target appended below what it had acknowledged before, within a batch or between two. `nextTarget` is the offset
 * after what it had acknowledged, `rewoundTo` where it appended after that.
 */
export const rewindIn = (
  { nextTarget: known }: Head,
  runs: readonly Run[],
): { readonly nextTarget: bigint; readonly rewoundTo: bigint } | undefined => {
  let nextTarget = known
  for (const run of runs) {
    if (run.target < nextTarget) return { nextTarget, rewoundTo: run.target }
    nextTarget = targetEnd(run)
  }
  return undefined
}

/**
 * The head of a partition before its first record. It is written before the first append, so that what retention takes while
 * that append keeps failing lies behind a checkpoint, and is found to be lost.
 */
export const firstHead = (
  { incarnation, start }: Admission,
  { epoch, now }: { readonly epoch: number; readonly now: number },
): Head => ({
  incarnation,
  nextSource: start,
  nextTarget: NOTHING_ON_TARGET,
  openRuns: [],
  last: undefined,
  unverifiedFrom: undefined,
  epoch,
  updatedAt: now,
})

/** The head after a batch; pure, so that the same progress gives the same head whoever writes it. */
export const headAfter = (
  head: Head,
  admission: Admission,
  progress: Progress,
  { openRuns, epoch, now }: { openRuns: readonly Run[]; epoch: number; now: number },
): Head => {
  const last = progress.handled.at(-1) ?? progress.handled[0]
  const lastRun = progress.runs.at(-1)
  const [firstHole] = holesOf(admission, progress).unverified
  return {
    incarnation: admission.incarnation,
    nextSource: BigInt(last.offset) + 1n,
    nextTarget: lastRun === undefined ? head.nextTarget : targetEnd(lastRun),
    openRuns: extendRuns(openRuns, withLooped(openRuns, progress.runs, progress.looped)),
    last: { source: BigInt(last.offset), fingerprint: fingerprint(last), timestamp: last.timestamp },
    unverifiedFrom: head.unverifiedFrom ?? firstHole?.from,
    ...stillToRefill(head, BigInt(last.offset) + 1n),
    epoch,
    updatedAt: now,
  }
}

/** The mark of a partition that is filled again, as long as it is not. */
export const stillToRefill = (
  { refillBelow }: Pick<Head, 'refillBelow'>,
  nextSource: bigint,
): Pick<Head, 'refillBelow'> => (refillBelow === undefined || nextSource >= refillBelow ? {} : { refillBelow })
