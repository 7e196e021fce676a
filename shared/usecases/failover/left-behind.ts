import { asReplicationError, type ReplicationError } from '../../domain/errors.ts'
import type { TailPart } from '../../domain/failover/stranded-tail.ts'
import type { Gap, GapKind } from '../../domain/head.ts'
import { partitionName } from '../../domain/record.ts'
import { inLanes } from '../lanes.ts'
import type { LogEdges, PerPartition } from '../log-ports.ts'
import type { Deadline, GapLedger } from '../ports.ts'
import { edgesIn } from '../verify/log-edges.ts'

export interface LeftBehindDeps {
  /** Of the forward link. */
  readonly gaps: Pick<GapLedger, 'gaps'>
}

/** Whether its records may be nowhere but on the source: what was quarantined is kept, and what looped came from the target. */
const IS_THERE_ALONE: Readonly<Record<GapKind, boolean>> = {
  lost: true,
  filtered: true,
  quarantined: false,
  looped: false,
}

const LANES = 10

/**
 * What lies below the tail and never reached the target, as the gap ledger has it: of an earlier failover, or written behind
 * its fence. Whether that is kept elsewhere, nobody can tell of every tail. What retention has taken, or an earlier
 * scrape, is no matter.
 */
export const leftBehind = async (
  parts: readonly TailPart[],
  edges: PerPartition<LogEdges>,
  deadline: Deadline,
  { gaps }: LeftBehindDeps,
): Promise<readonly string[]> => {
  const found: string[] = []
  const failures: ReplicationError[] = []
  await inLanes(parts, LANES, async (part) => {
    try {
      const { start } = edgesIn(edges, part)
      const known = await gaps.gaps(part, deadline)
      found.push(...known.filter((gap) => isLeft(gap, part, start)).map((gap) => told(part, gap)))
    } catch (error) {
      failures.push(asReplicationError(error, `reading what ${partitionName(part)} holds below its tail`))
    }
  })
  const [failure] = failures
  if (failure !== undefined) throw failure
  return found.sort()
}

const isLeft = (gap: Gap, { incarnation, from }: TailPart, start: bigint): boolean =>
  gap.incarnation === incarnation && IS_THERE_ALONE[gap.kind] && gap.from < from && gap.to > start

const told = (part: TailPart, { from, to, kind, reason }: Gap): string =>
  `${partitionName(part)} holds offsets from ${from} to ${to - 1n} that were not replicated (${kind}: ${reason})`
