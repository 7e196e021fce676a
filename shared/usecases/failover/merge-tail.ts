import { ReplicationError } from '../../domain/errors.ts'
import type { TailStretchRuns } from '../../domain/failover/merged-head.ts'
import { strandedOrigin } from '../../domain/failover/stranded-header.ts'
import { isSettled, type TailPart } from '../../domain/failover/stranded-tail.ts'
import type { LogRecord } from '../../domain/log-record.ts'
import { extendRuns } from '../../domain/offset-map.ts'
import { runsOf } from '../../domain/placement.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { Run } from '../../domain/run.ts'
import type { LogReader } from '../log-ports.ts'
import type { Deadline, TargetLog } from '../ports.ts'
import { edgesOf } from '../verify/log-edges.ts'
import { LogStream } from '../verify/log-stream.ts'
import { type MergedMapDeps, rememberMerged } from './merged-map.ts'
import type { LateRecords } from './own-records.ts'
import { type StrandedDeps, strandedStretches } from './stranded-stretches.ts'
import type { TailLedger, TailStretch } from './tail-ports.ts'

export interface MergeTailDeps extends StrandedDeps, MergedMapDeps {
  readonly late: LateRecords
  /** The old active cluster's name in the topology. */
  readonly cluster: string
  readonly ledger: TailLedger
  /** Of the new active cluster, whose applications write beside us. */
  readonly target: Pick<TargetLog, 'append'>
  readonly targetReader: LogReader
  readonly targetTopic: (topic: string) => string
}

/**
 * Appends every record of the tail to the new active cluster, with a header that says where it comes from. Where its log ends
 * is remembered before each append: whoever goes on after a death looks from there on for what has arrived, so that nothing
 * is appended twice. The map of the link tells where each one is. Only one at a time may do this.
 */
export const mergeTail = async (
  execution: string,
  parts: readonly TailPart[],
  deadline: Deadline,
  deps: MergeTailDeps,
): Promise<void> => {
  for (const part of parts) if (!isSettled(part)) await mergePart(execution, part, deadline, deps)
}

const mergePart = async (execution: string, part: TailPart, deadline: Deadline, deps: MergeTailDeps): Promise<void> => {
  const arrived = await arrivedOf(part, deadline, deps)
  await rememberMerged(part, arrived, deadline, deps)
  for await (const stretch of strandedStretches(part, arrived.to, deadline, deps)) {
    const { end } = await edgesOf(deps.targetReader, replicaOf(part, deps), deadline)
    await save(execution, { ...part, settledTo: stretch.from, appendedFrom: end }, deadline, deps)
    const runs = await append(stretch, deadline, deps)
    await rememberMerged(part, { to: stretch.to, runs }, deadline, deps)
  }
  const { appendedFrom: _, ...done } = part
  await save(execution, { ...done, settledTo: part.to }, deadline, deps)
}

const save = async (
  execution: string,
  part: TailPart,
  deadline: Deadline,
  { ledger }: MergeTailDeps,
): Promise<void> => {
  if ((await ledger.save(execution, part, deadline)) === 'saved') return
  throw new ReplicationError(
    'CHECKPOINT_MOVED',
    `merging the stranded tail of ${partitionName(part)}: somebody else is`,
  )
}

const replicaOf = ({ topic, partition }: PartitionId, { targetTopic }: MergeTailDeps): PartitionId => ({
  topic: targetTopic(topic),
  partition,
})

/** Where the records of the stretch are now. */
const append = async (stretch: TailStretch, deadline: Deadline, deps: MergeTailDeps): Promise<readonly Run[]> => {
  const [first, ...others] = await deps.late(stretch, deps.cluster, deadline)
  if (first === undefined) return []
  const batch = { ...replicaOf(stretch, deps), records: [first, ...others] } as const
  const { placed, stopped } = await deps.target.append(batch, deadline)
  if (stopped !== undefined) throw stopped.error
  return runsOf(batch.records, placed)
}

/** What of the tail the other cluster has behind the last append that nobody knows the outcome of. */
const arrivedOf = async (part: TailPart, deadline: Deadline, deps: MergeTailDeps): Promise<TailStretchRuns> => {
  if (part.appendedFrom === undefined) return { to: part.settledTo, runs: [] }
  const replica = replicaOf(part, deps)
  const { end } = await edgesOf(deps.targetReader, replica, deadline)
  const stream = new LogStream(deps.targetReader, replica, deadline)
  let [arrived, seenTo]: [TailStretchRuns, bigint] = [{ to: part.settledTo, runs: [] }, part.appendedFrom]
  try {
    for await (const { records, to } of stream.between(part.appendedFrom, end)) {
      arrived = records.reduce((known, record) => withArrived(known, record, deps), arrived)
      seenTo = to
    }
  } finally {
    await stream.close()
  }
  if (seenTo >= end) return arrived
  const doing = `looking on ${partitionName(replica)} for what has arrived: a transaction is open at offset ${seenTo}`
  throw new ReplicationError('TARGET_UNREACHABLE', doing)
}

const withArrived = (known: TailStretchRuns, record: LogRecord, { cluster }: MergeTailDeps): TailStretchRuns => {
  const origin = strandedOrigin(record)
  if (origin?.cluster !== cluster || origin.offset < known.to) return known
  const run = { source: origin.offset, target: record.offset, length: 1n }
  return { to: origin.offset + 1n, runs: extendRuns(known.runs, [run]) }
}
