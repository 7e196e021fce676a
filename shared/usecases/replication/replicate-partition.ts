import { asReplicationError, type ReplicationError } from '../../domain/errors.ts'
import type { Head, LinkStatus } from '../../domain/head.ts'
import { nothing, type PartitionOutcome, standstill } from '../../domain/outcome.ts'
import { runsOf } from '../../domain/placement.ts'
import type { Admission } from '../../domain/progress.ts'
import { type PartitionBatch, type PolledRecord, partitionName } from '../../domain/record.ts'
import type { Run } from '../../domain/run.ts'
import type {
  Clock,
  Deadline,
  GapAlarm,
  GapLedger,
  LinkState,
  OffsetMapPages,
  Quarantine,
  SourceLog,
  TargetLog,
  TargetTransactions,
} from '../ports.ts'
import { admit, refuseStaleEpoch } from './admit-batch.ts'
import { onwardRecords, progressOf } from './onward-records.ts'
import { refuseUnreplicated } from './refuse-unreplicated.ts'
import { begin, remember, rewound } from './remember-progress.ts'
import { setAside } from './set-aside.ts'

export interface ReplicateDeps {
  readonly source: SourceLog
  readonly target: TargetLog
  /** Absent: what is appended but not remembered is appended again. */
  readonly transactions?: TargetTransactions | undefined
  readonly state: LinkState & OffsetMapPages & GapLedger
  /** Absent: a record that the target refuses halts its partition. */
  readonly quarantine: Quarantine | undefined
  readonly clock: Clock
  readonly alarm: GapAlarm
  /** The name on the target of a topic of the source. */
  readonly targetTopic: (sourceTopic: string) => string
  /** Whether records say where they come from, and stay away from there. */
  readonly provenance: boolean
}

/** The append ends first, so that what was acknowledged can still be remembered. */
export interface Deadlines {
  readonly append: Deadline
  readonly state: Deadline
}

/** How far the records got: the first `handled` of them are on the target or in quarantine. */
interface Attempt {
  readonly handled: number
  readonly runs: readonly Run[]
  readonly bytes: number
  readonly quarantined: number
  readonly failure?: ReplicationError
}

/**
 * Replicates the batch of one partition: decides what of it is new, appends that, and remembers what was acknowledged
 * even when a later part failed. Running it twice, late, or beside itself is harmless: the checkpoint decides.
 */
export const replicatePartition = async (
  batch: PartitionBatch,
  known: Head | undefined,
  status: LinkStatus,
  deadlines: Deadlines,
  deps: ReplicateDeps,
): Promise<PartitionOutcome> => {
  refuseStaleEpoch(batch, known, status)
  if (known?.rewoundTo !== undefined) throw rewound(batch, known, known.rewoundTo)
  const { admission, first } = await admit(batch, known, deadlines.append, deps)
  const head = known ?? (await begin(batch, status, admission, deadlines.state, deps))
  const [old, ...alsoOld] = batch.records.slice(0, first)
  if (old !== undefined)
    await refuseUnreplicated({ ...batch, records: [old, ...alsoOld] }, head, deadlines.append, deps.state)
  const fresh = first === 0 ? batch.records : batch.records.slice(first)
  const sifted = await onwardRecords(batch, head, fresh, deadlines.append, deps)
  const startedAt = deps.clock.now()
  const attempt = await appendAll(batch, sifted.onward, admission, deadlines, deps)
  const { bytes, quarantined, failure } = attempt
  const appendMs = deps.clock.now() - startedAt
  const progress = progressOf(fresh, sifted, attempt.handled, attempt.runs)
  const remembered = progress && (await remember(batch, head, status, admission, progress, deadlines.state, deps))
  const { untrusted } = sifted
  const stateWrites = (known === undefined ? 1 : 0) + (remembered?.stateWrites ?? 0) + quarantined
  const measured = { redelivered: first, untrusted, quarantined, bytes, appendMs, stateWrites }
  const outcome = { ...nothing(batch), ...remembered, ...measured }
  if (failure === undefined) return outcome
  return { ...outcome, standstillMs: standstill(batch, head, deps.clock.now()), error: failure }
}

/** Appends what is new, in order, until all of it is handled or something is in the way. */
const appendAll = async (
  batch: PartitionBatch,
  fresh: readonly PolledRecord[],
  admission: Admission,
  deadlines: Deadlines,
  deps: ReplicateDeps,
): Promise<Attempt> => {
  let attempt: Attempt = { handled: 0, runs: [], bytes: 0, quarantined: 0 }
  for (;;) {
    const [next, ...others] = attempt.handled === 0 ? fresh : fresh.slice(attempt.handled)
    if (next === undefined || attempt.failure !== undefined) return attempt
    const step = await appendOrQuarantine({ ...batch, records: [next, ...others] }, admission, deadlines, deps)
    attempt = {
      ...step,
      handled: attempt.handled + step.handled,
      runs: [...attempt.runs, ...step.runs],
      bytes: attempt.bytes + step.bytes,
      quarantined: attempt.quarantined + step.quarantined,
    }
  }
}

/** One append; when the target refuses a record and the link quarantines, that record is handled too. Never throws. */
const appendOrQuarantine = async (
  batch: PartitionBatch,
  { incarnation }: Admission,
  deadlines: Deadlines,
  deps: ReplicateDeps,
): Promise<Attempt> => {
  const { placed, bytes, stopped } = await deps.target.append(
    { ...batch, topic: deps.targetTopic(batch.topic) },
    deadlines.append,
  )
  const handled = placed.reduce((sum, { count }) => sum + count, 0)
  const attempt = { handled, runs: runsOf(batch.records, placed), bytes, quarantined: 0 }
  if (stopped === undefined) return attempt
  const refused = batch.records[handled]
  if (stopped.kind === 'failed' || refused === undefined || deps.quarantine === undefined) {
    return { ...attempt, failure: stopped.error }
  }
  try {
    await setAside(batch, refused, incarnation, stopped.error, deadlines.state, {
      ...deps,
      quarantine: deps.quarantine,
    })
    return { ...attempt, handled: handled + 1, quarantined: 1 }
  } catch (error) {
    const where = `${partitionName(batch)}, source offset ${refused.offset}`
    return { ...attempt, failure: asReplicationError(error, `quarantining ${where}`) }
  }
}
