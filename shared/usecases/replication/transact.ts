import { ReplicationError } from '../../domain/errors.ts'
import type { Head, LinkStatus } from '../../domain/head.ts'
import { type Placement, runsOf } from '../../domain/placement.ts'
import type { Admission, Progress } from '../../domain/progress.ts'
import { batchName, type PartitionBatch, type PolledRecord } from '../../domain/record.ts'
import type { Run } from '../../domain/run.ts'
import { commitOf, LONGEST_NOTE } from '../../domain/source-commit.ts'
import type { AppendOutcome, Clock, GapAlarm, LinkState, PartitionWriter, ReplicaId } from '../ports.ts'
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
  /** Records of the batch in one transaction. */
  readonly atMost: number
}

interface Told {
  readonly progress: Progress
  readonly lost: bigint
  readonly gaps: number
}

export interface Transacted {
  readonly outcome: AppendOutcome
  /** The records came to lie in so many pieces that no note can tell all of them: fewer records may do. */
  readonly scattered: boolean
  /** Absent: nothing was committed. */
  readonly progress: Told | undefined
}

interface TransactDeps {
  readonly state: LinkState
  readonly clock: Clock
  readonly alarm: GapAlarm
}

type ProgressAt = (placed: number, runs: readonly Run[]) => Progress | undefined

/** One transaction of these records, and of whatever lies between them on the source. */
export const transact = async (
  ground: Ground,
  records: readonly PolledRecord[],
  progressAt: ProgressAt,
  deps: TransactDeps,
): Promise<Transacted> => {
  let told: Told | undefined
  let scattered = false
  const commit = async (placed: readonly Placement[]) => {
    const count = placed.reduce((sum, one) => sum + one.count, 0)
    const progress = progressAt(count, runsOf(records, placed))
    if (progress === undefined) throw new TypeError(`committing ${batchName(ground.batch)}: nothing was handled`)
    const { batch, head, admission, status, deadlines } = ground
    const stamp = { epoch: status.epoch, now: deps.clock.now() }
    const gaps = await tellOfProgress(batch, head, admission, progress, stamp, deadlines.state, deps)
    const made = commitOf(head, admission, progress)
    scattered = made.note.length > LONGEST_NOTE
    if (scattered) throw tooScattered(batch, made.note)
    told = { progress, ...gaps }
    return made
  }
  const outcome = await ground.writer.append(ground.head.nextSource, records, commit, ground.deadlines.append)
  return { outcome, scattered, progress: outcome.stopped?.kind === 'failed' ? undefined : told }
}

const tooScattered = (batch: PartitionBatch, note: string): ReplicationError =>
  new ReplicationError(
    'TRANSACTION_BROKEN',
    `committing ${batchName(batch)}: its records lie in so many pieces that the note would have ${note.length} characters of ${LONGEST_NOTE}`,
  )
