import type { GroupPlace } from '../../../shared/domain/failover/report-facts.ts'
import { type PartitionId, partitionName } from '../../../shared/domain/record.ts'
import type { Stay } from './pair-reader.ts'

/** Where a group resumes on the new cluster, as a report says; a partition without a place is read from its beginning. */
export const resumesAt = (
  places: readonly Pick<GroupPlace, 'topic' | 'partition' | 'after'>[],
): ((partition: PartitionId) => bigint) => {
  const known = new Map(places.map((place) => [partitionName(place), BigInt(place.after)]))
  return (partition) => known.get(partitionName(partition)) ?? 0n
}

/** The ids of what a group reads again: all that it had got before, of what lies from there on. */
export const saidRereads = (before: readonly Stay[], fromThere: ReadonlySet<string>): ReadonlySet<string> =>
  new Set(before.flatMap(({ seen }) => seen.map(({ id }) => id)).filter((id) => fromThere.has(id)))

/** The ids that were got more often than once. */
export const readAgain = (ids: readonly string[]): ReadonlySet<string> => {
  const [once, again] = [new Set<string>(), new Set<string>()]
  for (const id of ids) (once.has(id) ? again : once).add(id)
  return again
}
