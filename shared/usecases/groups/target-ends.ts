import { ReplicationError } from '../../domain/errors.ts'
import type { Lead, Stand } from '../../domain/groups/group-stand.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { LogEdges, LogReader } from '../log-ports.ts'
import type { Deadline } from '../ports.ts'

/**
 * Where a position lies past the end of the target's log, the map is about an earlier topic of that name, or about records
 * that the target lost, although nothing was appended since that would have shown it: it leads nowhere. Asked after the
 * maps were read, since a log only grows. What is not told bounds nothing: the commit meets the same broker.
 */
export const withinTarget = async (
  stands: readonly Stand[],
  deadline: Deadline,
  { targetLog }: { readonly targetLog: Pick<LogReader, 'edges'> },
): Promise<readonly Stand[]> => {
  const partitions = new Map(stands.flatMap((stand) => targetsOf(stand).map((id) => [partitionName(id), id])))
  if (partitions.size === 0) return stands
  const edges = await targetLog.edges([...partitions.values()], deadline)
  return stands.map((stand) => {
    const leads = stand.leads.map((lead) => bounded(lead, edges.get(partitionName(targetOf(stand, lead)))))
    return { ...stand, leads }
  })
}

const targetOf = ({ partition }: Stand, { targetTopic }: Lead): PartitionId => ({ topic: targetTopic, partition })

const targetsOf = (stand: Stand): PartitionId[] => stand.leads.map((lead) => targetOf(stand, lead))

const bounded = (lead: Lead, edges: LogEdges | ReplicationError | undefined): Lead => {
  if (edges === undefined || edges instanceof ReplicationError || !('target' in lead.bound)) return lead
  const { target } = lead.bound
  if (target <= edges.end) return lead
  const detail = `it would be ${target}, and ${lead.targetTopic} ends at ${edges.end}: was it made again, or did it lose records?`
  return { ...lead, bound: { kind: 'unmapped', detail } }
}
