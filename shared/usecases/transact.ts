import { ReplicationError } from '../domain/errors.ts'
import type { Head, LinkStatus } from '../domain/head.ts'
import { packedSizeBytes } from '../domain/packed-runs.ts'
import { type Placement, runsOf } from '../domain/placement.ts'
import type { Admission, Progress } from '../domain/progress.ts'
import { batchName, type PartitionBatch, type PolledRecord } from '../domain/record.ts'
import type { Run } from '../domain/run.ts'
import { commitOf, LONGEST_NOTE } from '../domain/source-commit.ts'
import type { AppendOutcome, Clock, GapAlarm, LinkState, PartitionWriter, ReplicaId } from './ports.ts'
import { tellOfProgress } from './remember-progress.ts'
import type { Deadlines } from './replicate-partition.ts'

/** Where a transaction starts from. */
export interface Ground {
  readonly batch: PartitionBatch
  readonly replica: ReplicaId
  readonly writer: PartitionWriter
  readonly admission: Admission
  /** As it was written last. */
  readonly head: Head
  readonly status: LinkStatus
  readonly deadlines: Deadlines
}

interface Told {
  readonly progress: Progress
  readonly lost: bigint
  readonly gaps: number
}

export interface Transacted {
  readonly outcome: AppendOutcome
  /** What was to be appended: a prefix of what is due. */
  readonly records: readonly PolledRecord[]
  /** Absent: nothing was committed. */
  readonly progress: Told | undefined
}

interface TransactDeps {
  readonly state: LinkState
  readonly clock: Clock
  readonly alarm: GapAlarm
}

type ProgressAt = (placed: number, runs: readonly Run[]) => Progress | undefined

/**
 * Of a note, in bytes before base64 makes them a third more. The rest is for where the records will lie on the target,
 * which is not known yet.
 */
const RUNS_BYTES = 1_500

/** One transaction of as many of the records as its note can tell the runs of. */
export const transact = async (
  ground: Ground,
  due: readonly PolledRecord[],
  progressAt: ProgressAt,
  deps: TransactDeps,
): Promise<Transacted> => {
  const records = due.slice(0, tellable(due))
  let told: Told | undefined
  const commit = async (placed: readonly Placement[]) => {
    const count = placed.reduce((sum, one) => sum + one.count, 0)
    const progress = progressAt(count, runsOf(records, placed))
    if (progress === undefined) throw new TypeError(`committing ${batchName(ground.batch)}: nothing was handled`)
    const { batch, head, admission, status, deadlines } = ground
    const stamp = { epoch: status.epoch, now: deps.clock.now() }
    const gaps = await tellOfProgress(batch, head, admission, progress, stamp, deadlines.state, deps)
    const made = commitOf(head, admission, progress)
    if (made.note.length > LONGEST_NOTE) throw tooScattered(batch, made.note)
    told = { progress, ...gaps }
    return made
  }
  const outcome = await ground.writer.append(ground.head.nextSource, records, commit, ground.deadlines.append)
  return { outcome, records, progress: outcome.stopped?.kind === 'failed' ? undefined : told }
}

/** How many of the records lie on the source in so few stretches that a note can name them all. */
const tellable = (records: readonly PolledRecord[]): number => {
  let stretch: Run | undefined
  let bytes = 0
  for (const [at, { offset }] of records.entries()) {
    const source = BigInt(offset)
    if (stretch !== undefined && source === stretch.source + stretch.length) {
      stretch = { ...stretch, length: stretch.length + 1n }
      continue
    }
    const next: Run = { source, target: stretch === undefined ? 0n : stretch.target + stretch.length, length: 1n }
    bytes += packedSizeBytes(next, stretch)
    if (bytes > RUNS_BYTES) return at
    stretch = next
  }
  return records.length
}

const tooScattered = (batch: PartitionBatch, note: string): ReplicationError =>
  new ReplicationError(
    'TRANSACTION_BROKEN',
    `committing ${batchName(batch)}: its records lie in so many pieces that the note would have ${note.length} characters of ${LONGEST_NOTE}`,
  )
