import { ReplicationError } from '../../domain/errors.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { LogEdges, LogReader, PerPartition } from '../log-ports.ts'
import type { Deadline } from '../ports.ts'
import type { FenceAnswer } from './fence-ports.ts'

export interface StandStillDeps {
  readonly reader: Pick<LogReader, 'edges'>
  readonly stillMs: number
  /** Waits; resolves to whether the deadline was not met meanwhile. */
  readonly rest: (ms: number, deadline: Deadline) => Promise<boolean>
}

/**
 * Whether nothing is appended to any of the partitions for a while. A transaction that is open may still be committed, so
 * that its records would appear later: the end has to be the end for readers of committed records too.
 */
export const endsStandStill = async (
  partitions: readonly PartitionId[],
  deadline: Deadline,
  { reader, stillMs, rest }: StandStillDeps,
): Promise<FenceAnswer> => {
  const before = await reader.edges(partitions, deadline)
  if (!(await rest(stillMs, deadline))) return again('there is no time left to see whether the ends stand still')
  const after = await reader.edges(partitions, deadline)
  for (const partition of partitions) {
    const problem = whyNot(partitionName(partition), before, after)
    if (problem !== undefined) return again(problem)
  }
  return { outcome: 'done', message: `the ends of ${partitions.length} partitions stood still for ${stillMs} ms` }
}

const again = (message: string): FenceAnswer => ({ outcome: 'again', message })

const whyNot = (name: string, before: PerPartition<LogEdges>, after: PerPartition<LogEdges>): string | undefined => {
  const [was, is] = [edgesIn(before, name), edgesIn(after, name)]
  if (is.end !== was.end) return `${name} grew from ${was.end} to ${is.end}`
  if (is.stableEnd !== is.end)
    return `${name} has a transaction open from ${is.stableEnd} on, until it ends or its timeout does`
  return undefined
}

const edgesIn = (answers: PerPartition<LogEdges>, name: string): LogEdges => {
  const edges = answers.get(name)
  if (edges instanceof ReplicationError) throw edges
  if (edges === undefined) throw new RangeError(`${name} was asked for and has no answer`)
  return edges
}
