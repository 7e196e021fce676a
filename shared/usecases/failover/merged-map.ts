import { ReplicationError } from '../../domain/errors.ts'
import { mergedHead, type TailStretchRuns } from '../../domain/failover/merged-head.ts'
import { type PartitionId, partitionName } from '../../domain/record.ts'
import type { Clock, Deadline, LinkState } from '../ports.ts'
import { headIn } from '../snapshot-head.ts'

export interface MergedMapDeps {
  /** Of the forward link. */
  readonly state: Pick<LinkState, 'read' | 'seal' | 'advance'>
  readonly clock: Clock
}

/**
 * Writes into the map of the forward link where records of the tail have come late, so that groups that go back find those
 * that they have not read. Doing it again changes nothing. A partition without a map of this life begins anew anyway.
 */
export const rememberMerged = async (
  partition: PartitionId & { readonly incarnation: string },
  merged: TailStretchRuns,
  deadline: Deadline,
  { state, clock }: MergedMapDeps,
): Promise<void> => {
  const known = headIn(await state.read([partition], deadline), partition)
  if (known === undefined || known.incarnation !== partition.incarnation) return
  const next = mergedHead(known, merged, clock.now())
  if (next === undefined) return
  if (next.pages.length > 0) await state.seal(partition, next.pages, deadline)
  if ((await state.advance(partition, known, next.head, deadline)) === 'advanced') return
  const doing = `remembering where the stranded tail of ${partitionName(partition)} has come`
  throw new ReplicationError('CHECKPOINT_MOVED', doing)
}
