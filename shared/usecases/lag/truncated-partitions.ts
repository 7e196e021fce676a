import { ReplicationError } from '../../domain/errors.ts'
import type { PartitionLook } from '../../domain/lag/partition-look.ts'
import type { LogEdges, PerPartition } from '../log-ports.ts'

type Looks = ReadonlyMap<string, PartitionLook>

/**
 * Partitions of the source that end below a checkpoint which was there before it was asked, since a replica took over that
 * lacked records. Whatever is written there next lies below the checkpoint, and does not show as waiting.
 */
export const truncatedIn = (
  looks: Looks,
  { before, edges }: { readonly before: Looks; readonly edges: PerPartition<LogEdges> },
): ReadonlyMap<string, ReplicationError> => {
  const truncated = new Map<string, ReplicationError>()
  for (const [name, { incarnation, checkpoint }] of looks) {
    const [edge, past] = [edges.get(name), before.get(name)]
    if (edge === undefined || edge instanceof ReplicationError || checkpoint === undefined) continue
    if (past?.checkpoint === undefined || past.incarnation !== incarnation) continue
    if (edge.end < past.checkpoint && edge.end < checkpoint) truncated.set(name, endsBelow(name, edge.end, checkpoint))
  }
  return truncated
}

const endsBelow = (name: string, end: bigint, checkpoint: bigint): ReplicationError =>
  new ReplicationError(
    'SOURCE_TRUNCATED',
    `measuring ${name}: the source ends at offset ${end}, below the checkpoint ${checkpoint}; compare its last records with those on the target, and begin the topic anew`,
  )
