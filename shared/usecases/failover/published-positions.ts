import { ReplicationError } from '../../domain/errors.ts'
import type { GroupAdmin, GroupLedger, OffsetAnswer } from '../groups/group-ports.ts'
import type { Deadline } from '../ports.ts'
import { type PublishedPlace, publishedPlaces } from './resettle-groups.ts'

export interface PublishedPositionsDeps {
  readonly ledger: Pick<GroupLedger, 'records'>
  readonly target: Pick<GroupAdmin, 'list' | 'committed'>
}

/** Where groups stand on the target, against what the link put there. */
export interface PublishedStand {
  /** How many positions were compared: of groups that the target knows. */
  readonly positions: number
  /** Those that stand below it, or nowhere. */
  readonly behind: readonly string[]
}

/** A group may be further, since its consumers read on; never below, unless somebody has set it back. */
export const publishedStand = async (
  deadline: Deadline,
  { ledger, target }: PublishedPositionsDeps,
): Promise<PublishedStand> => {
  const [records, { groups }] = await Promise.all([ledger.records(deadline), target.list(deadline)])
  const places = publishedPlaces(records).filter(({ group }) => groups.has(group))
  const committed = await target.committed([...new Set(places.map(({ group }) => group))], deadline)
  const behind = places.filter((place) => {
    const offsets = committed.get(place.group)
    if (offsets instanceof ReplicationError) throw offsets
    return isBehind(place, offsets?.get(place.targetTopic)?.get(place.partition))
  })
  return { positions: places.length, behind: behind.map(placeName) }
}

const isBehind = ({ published }: PublishedPlace, standing: OffsetAnswer | undefined): boolean => {
  if (standing?.kind === 'failed') throw standing.error
  return standing?.kind !== 'committed' || standing.offset < published.target
}

const placeName = ({ group, targetTopic, partition }: PublishedPlace): string => `${group} ${targetTopic}-${partition}`
