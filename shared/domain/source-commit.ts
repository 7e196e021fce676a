import { ReplicationError } from './errors.ts'
import { fingerprint } from './fingerprint.ts'
import type { Head, LastRecord } from './head.ts'
import { withLooped } from './looped-runs.ts'
import { extendRuns } from './offset-map.ts'
import { packRuns, unpackRuns } from './packed-runs.ts'
import { type Admission, holesOf, type Progress, stillToRefill } from './progress.ts'
import { isReplicated, type Run, targetEnd } from './run.ts'

/**
 * What a transaction says of the source beside its records: the checkpoint after it, and a note with which the head is
 * brought up to it by whoever finds that nobody did.
 */
export interface SourceCommit {
  readonly nextSource: bigint
  readonly note: string
}

/** One transaction as its note tells it: it led from one checkpoint to the next. */
export interface CommittedStep extends Pick<Head, 'incarnation' | 'nextSource' | 'unverifiedFrom'> {
  /** The checkpoint before it. */
  readonly from: bigint
  /** Looped ones among them. */
  readonly runs: readonly Run[]
  readonly last: LastRecord
}

/** Kafka's default for `offset.metadata.max.bytes`; a note has nothing but ASCII. */
export const LONGEST_NOTE = 4_096
const VERSION = 1

/** The note of what is about to be committed; the head afterwards is the same whether it is made from this or by `headAfter`. */
export const commitOf = (head: Head, admission: Admission, progress: Progress): SourceCommit => {
  const last = progress.handled.at(-1) ?? progress.handled[0]
  const [firstHole] = holesOf(admission, progress).unverified
  const unverifiedFrom = head.unverifiedFrom ?? firstHole?.from
  const runs = packRuns(withLooped(head.openRuns, progress.runs, progress.looped))
  const note = [
    VERSION,
    admission.incarnation,
    String(head.nextSource),
    fingerprint(last),
    last.timestamp,
    unverifiedFrom === undefined ? null : String(unverifiedFrom),
    Buffer.from(runs).toString('base64'),
  ]
  return { nextSource: BigInt(last.offset) + 1n, note: JSON.stringify(note) }
}

/** Throws `COMMIT_MALFORMED` for what `commitOf` never wrote. */
export const readCommit = ({ nextSource, note }: SourceCommit): CommittedStep => {
  const [version, incarnation, from, print, timestamp, unverifiedFrom, runs] = fieldsOf(note)
  if (version !== VERSION) throw malformed(`its note is of version ${version}, known is ${VERSION}`)
  if (typeof incarnation !== 'string' || typeof print !== 'string' || typeof timestamp !== 'number')
    throw malformed('its note lacks fields')
  return {
    incarnation,
    nextSource,
    from: offsetIn(from),
    runs: runsIn(runs),
    last: { source: nextSource - 1n, fingerprint: print, timestamp },
    unverifiedFrom: unverifiedFrom === null ? undefined : offsetIn(unverifiedFrom),
  }
}

/**
 * The step that the head has yet to take, when a transaction was committed and nobody could write that down. A head only
 * moves after a commit, and no transaction begins before the head has followed the last one; so it is one step behind at
 * most. Commits of another life of the topic, and those that a head overtook or never followed (the link was not in
 * transactions then, or was begun anew), are history.
 */
export const stepAhead = (head: Head, commit: SourceCommit): CommittedStep | undefined => {
  const step = readCommit(commit)
  if (step.incarnation !== head.incarnation || step.nextSource <= head.nextSource) return undefined
  if (step.from === head.nextSource) return step
  if (step.from < head.nextSource || head.last === undefined) return undefined
  throw malformed(
    `it leads from source offset ${step.from} on, but the checkpoint is ${head.nextSource}; was the table restored from a backup?`,
  )
}

/** The head after a committed step; the counterpart of `headAfter` for who has not seen the records. */
export const headAfterStep = (
  head: Head,
  { incarnation, nextSource, runs, last, unverifiedFrom }: CommittedStep,
  { openRuns, epoch, now }: { openRuns: readonly Run[]; epoch: number; now: number },
): Head => {
  const lastRun = runs.findLast(isReplicated)
  return {
    incarnation,
    nextSource,
    nextTarget: lastRun === undefined ? head.nextTarget : targetEnd(lastRun),
    openRuns: extendRuns(openRuns, runs),
    last,
    unverifiedFrom,
    ...stillToRefill(head, nextSource),
    epoch,
    updatedAt: now,
  }
}

const fieldsOf = (note: string): readonly unknown[] => {
  try {
    const fields: unknown = JSON.parse(note)
    if (Array.isArray(fields)) return fields
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw malformed('its note is not one of ours')
}

const offsetIn = (field: unknown): bigint => {
  if (typeof field === 'string' && /^\d+$/.test(field)) return BigInt(field)
  throw malformed('its note has no offset where one belongs')
}

const runsIn = (field: unknown): readonly Run[] => {
  try {
    return unpackRuns(Buffer.from(String(field), 'base64'))
  } catch (error) {
    if (error instanceof RangeError) throw malformed(error.message)
    throw error
  }
}

const malformed = (problem: string): ReplicationError =>
  new ReplicationError('COMMIT_MALFORMED', `reading the source offset that was committed on the target: ${problem}`)
