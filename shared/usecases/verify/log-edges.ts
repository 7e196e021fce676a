import { ReplicationError } from '../../domain/errors.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { LogEdges, LogReader, PerPartition } from '../log-ports.ts'
import type { Deadline } from '../ports.ts'

/** Of one partition; throws what is wrong with it. */
export const edgesOf = async (
  reader: Pick<LogReader, 'edges'>,
  partition: PartitionId,
  deadline: Deadline,
): Promise<LogEdges> => edgesIn(await reader.edges([partition], deadline), partition)

export const edgesIn = (answers: PerPartition<LogEdges>, partition: PartitionId): LogEdges => {
  const edges = answers.get(partitionName(partition))
  if (edges === undefined) throw new RangeError(`${partitionName(partition)} was asked for and has no answer`)
  if (edges instanceof ReplicationError) throw edges
  return edges
}
