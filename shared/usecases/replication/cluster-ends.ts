import { ReplicationError } from '../../domain/errors.ts'
import type { Deadline, SourceLog, TargetLog } from '../ports.ts'

/** Both ends of a link, by Kafka's `cluster.id`. */
export interface ClusterEnds {
  readonly source: string
  readonly target: string
}

/** Throws `SAME_CLUSTER` where two names lead to one cluster: its records would be copied on top of themselves for ever. */
export const clusterEnds = async (
  { source, target }: { readonly source: Pick<SourceLog, 'clusterId'>; readonly target: Pick<TargetLog, 'clusterId'> },
  deadline: Deadline,
): Promise<ClusterEnds> => {
  const sourceId = await source.clusterId(deadline)
  const targetId = await target.clusterId(deadline) // after the other one, so that no question outlives a failure
  if (sourceId !== targetId) return { source: sourceId, target: targetId }
  throw new ReplicationError('SAME_CLUSTER', `replicating: source and target are one cluster, ${sourceId}`)
}
