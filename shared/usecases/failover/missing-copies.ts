import { asReplicationError, type ReplicationError } from '../../domain/errors.ts'
import { hasSameContent, type LastCopy } from '../../domain/last-copy.ts'
import type { LogRecord } from '../../domain/log-record.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import { inLanes } from '../lanes.ts'
import type { LogReader } from '../log-ports.ts'
import type { Deadline } from '../ports.ts'

/** The newest record that the link brought of a partition. */
export interface CopiedRecord extends LastCopy {
  readonly id: PartitionId
  readonly replica: PartitionId
}

export interface MissingCopiesDeps {
  readonly reader: Pick<LogReader, 'read'>
  /** Of the new active cluster. */
  readonly targetReader: Pick<LogReader, 'read'>
}

const LANES = 10
/** One record comes all the same; offsets are looked at, whatever readers of committed records see. */
const ONE_RECORD = { maxBytes: 1, isolation: 'uncommitted' } as const

/**
 * Where the newest record that was replicated is not where it was put. A log that lost records and was written to since is as
 * long as before, so that its length tells nothing. What either log does not begin with any more, nobody has to have: retention
 * has taken it. Compaction may have taken the record as well, and nobody can tell then.
 */
export const missingCopies = async (
  copies: readonly CopiedRecord[],
  deadline: Deadline,
  deps: MissingCopiesDeps,
): Promise<readonly string[]> => {
  const found: string[] = []
  const failures: ReplicationError[] = []
  await inLanes(copies, LANES, async (copy) => {
    try {
      if (await isMissing(copy, deadline, deps)) found.push(told(copy))
    } catch (error) {
      failures.push(asReplicationError(error, `reading the last copy in ${partitionName(copy.replica)}`))
    }
  })
  const [failure] = failures
  if (failure !== undefined) throw failure
  return found.sort()
}

const isMissing = async (
  { id, replica, source, target }: CopiedRecord,
  deadline: Deadline,
  { reader, targetReader }: MissingCopiesDeps,
): Promise<boolean> => {
  const original = await recordAt(reader, id, source, deadline)
  if (original === 'expired') return false
  const copy = await recordAt(targetReader, replica, target, deadline)
  if (copy === 'expired') return false
  return original === undefined || copy === undefined || !hasSameContent(original, copy)
}

/** `undefined`: the log has other offsets before and behind it, or ends before it. */
const recordAt = async (
  reader: Pick<LogReader, 'read'>,
  partition: PartitionId,
  offset: bigint,
  deadline: Deadline,
): Promise<LogRecord | 'expired' | undefined> => {
  const read = await reader.read(partition, offset, ONE_RECORD, deadline)
  if (read.kind === 'out-of-range') return read.edges.start > offset ? 'expired' : undefined
  return read.records.find((record) => record.offset === offset)
}

const told = ({ id, replica, source, target }: CopiedRecord): string =>
  `${partitionName(replica)} does not hold at offset ${target} what ${partitionName(id)} holds at ${source}, the last record that was replicated, or nobody can tell, since it was compacted`
