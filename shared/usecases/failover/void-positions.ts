import { ReplicationError } from '../../domain/errors.ts'
import type { GroupRecord } from '../../domain/groups/group-record.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { GroupLedger } from '../groups/group-ports.ts'
import type { Deadline } from '../ports.ts'

/** What a link remembers of one group in one topic, and what of it still holds. */
export interface VoidPositions {
  readonly targetTopic: string
  readonly group: string
  readonly from: GroupRecord
  readonly to: GroupRecord
}

/**
 * What the link put on its target came from positions on its source; where these places were emptied it is no echo any more:
 * it is all that tells where the group is.
 */
export const voidPositions = async (
  replicas: readonly PartitionId[],
  deadline: Deadline,
  { records }: Pick<GroupLedger, 'records'>,
): Promise<readonly VoidPositions[]> => {
  const emptied = new Set(replicas.map(partitionName))
  return [...(await records(deadline))].flatMap(([name, from]) => {
    const [targetTopic = '', ...group] = name.split('#')
    const held = [...from.positions].filter(
      ([partition]) => !emptied.has(partitionName({ topic: targetTopic, partition })),
    )
    if (held.length === from.positions.size) return []
    return [{ targetTopic, group: group.join('#'), from, to: { ...from, positions: new Map(held) } }]
  })
}

export const forgetPositions = async (
  found: readonly VoidPositions[],
  deadline: Deadline,
  ledger: Pick<GroupLedger, 'remember'>,
): Promise<void> => {
  for (const { targetTopic, group, from, to } of found)
    if ((await ledger.remember(targetTopic, group, from, to, deadline)) === 'moved')
      throw new ReplicationError('CHECKPOINT_MOVED', `forgetting where the group ${group} was put in ${targetTopic}`)
}
