import { ReplicationError } from '../../domain/errors.ts'
import { strandedOrigin, strandedRecord } from '../../domain/failover/stranded-header.ts'
import { isSettled, type TailPart } from '../../domain/failover/stranded-tail.ts'
import type { LogRecord } from '../../domain/log-record.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { LogReader } from '../log-ports.ts'
import type { Deadline, TargetLog } from '../ports.ts'
import { edgesOf } from '../verify/log-edges.ts'
import { LogStream } from '../verify/log-stream.ts'
import { type StrandedDeps, strandedStretches } from './stranded-stretches.ts'
import type { TailLedger, TailStretch } from './tail-ports.ts'

export interface MergeTailDeps extends StrandedDeps {
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
 * is appended twice. Only one at a time may do this.
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
  const from = await arrivedUpTo(part, deadline, deps)
  for await (const stretch of strandedStretches(part, from, deadline, deps)) {
    const { end } = await edgesOf(deps.targetReader, replicaOf(part, deps), deadline)
    await save(execution, { ...part, settledTo: stretch.from, appendedFrom: end }, deadline, deps)
    await append(stretch, deadline, deps)
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

const append = async (stretch: TailStretch, deadline: Deadline, deps: MergeTailDeps): Promise<void> => {
  const [first, ...others] = stretch.records.map((record) => strandedRecord(record, deps.cluster))
  if (first === undefined) return
  const { stopped } = await deps.target.append({ ...replicaOf(stretch, deps), records: [first, ...others] }, deadline)
  if (stopped !== undefined) throw stopped.error
}

/** Where to go on: behind the last record of the tail that the other cluster has already. */
const arrivedUpTo = async (part: TailPart, deadline: Deadline, deps: MergeTailDeps): Promise<bigint> => {
  if (part.appendedFrom === undefined) return part.settledTo
  const replica = replicaOf(part, deps)
  const { end } = await edgesOf(deps.targetReader, replica, deadline)
  const stream = new LogStream(deps.targetReader, replica, deadline)
  let [at, seenTo] = [part.settledTo, part.appendedFrom]
  try {
    for await (const { records, to } of stream.between(part.appendedFrom, end)) {
      at = records.reduce((next, record) => furthest(next, record, deps), at)
      seenTo = to
    }
  } finally {
    await stream.close()
  }
  if (seenTo >= end) return at
  const doing = `looking on ${partitionName(replica)} for what has arrived: a transaction is open at offset ${seenTo}`
  throw new ReplicationError('TARGET_UNREACHABLE', doing)
}

const furthest = (next: bigint, record: LogRecord, { cluster }: MergeTailDeps): bigint => {
  const origin = strandedOrigin(record)
  return origin?.cluster === cluster && origin.offset >= next ? origin.offset + 1n : next
}
