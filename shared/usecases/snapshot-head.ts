import { ReplicationError } from '../domain/errors.ts'
import type { Head } from '../domain/head.ts'
import { type PartitionId, partitionName } from '../domain/record.ts'
import type { LinkSnapshot } from './ports.ts'

/** The head of one partition of a snapshot; throws when it makes no sense. `undefined`: it was never replicated. */
export const headIn = ({ heads }: Pick<LinkSnapshot, 'heads'>, partition: PartitionId): Head | undefined => {
  const head = heads.get(partitionName(partition))
  if (head instanceof ReplicationError) throw head
  return head
}
