import type { Lane } from '../../domain/groups/group-stand.ts'
import { type FailoverLoss, type GroupLoss, lossOf } from '../../domain/lag/failover-loss.ts'
import { oldestWaiting, type PartitionLook, recordsBehind } from '../../domain/lag/partition-look.ts'
import { partitionName } from '../../domain/record.ts'
import type { TranslatedPartition } from '../groups/group-report.ts'
import { type GroupSurvey, type GroupSurveyDeps, surveyGroups } from '../groups/survey-groups.ts'
import { translatePlace } from '../groups/translate-group.ts'
import type { Deadline } from '../ports.ts'

export interface GroupLosses {
  readonly failover: FailoverLoss
  /** Of which groups nobody could tell, and why: they are not among those that count. */
  readonly troubles: readonly string[]
}

const MOST_TROUBLES = 10

/**
 * What a failover at this instant would lose of each group that the link moves, and let it read again: it would resume at
 * what is committed on the target now. Groups with members on the target have their own positions there, and stay out.
 */
export const groupLosses = async (
  looks: ReadonlyMap<string, PartitionLook>,
  deadline: Deadline,
  deps: GroupSurveyDeps,
): Promise<GroupLosses> => {
  const survey = await surveyGroups(deadline, deps)
  const lanes = survey.facts.stands.flatMap((stand) => stand.leads.map((lead): Lane => ({ stand, lead })))
  const losses: GroupLoss[] = []
  for (const [group, ofGroup] of Map.groupBy(lanes, ({ stand }) => stand.group))
    if (survey.facts.targetGroups.get(group)?.life !== 'live')
      losses.push(await groupLoss(group, ofGroup, { survey, looks, deadline }))
  const troubles = [...survey.troubles, ...survey.failed.values()].slice(0, MOST_TROUBLES)
  return { failover: lossOf(losses, deps.clock.now()), troubles: troubles.map(({ message }) => message) }
}

interface Known {
  readonly survey: GroupSurvey
  readonly looks: ReadonlyMap<string, PartitionLook>
  readonly deadline: Deadline
}

const groupLoss = async (
  group: string,
  lanes: readonly Lane[],
  { survey, looks, deadline }: Known,
): Promise<GroupLoss> => {
  const stands = new Set(lanes.map(({ stand }) => stand))
  const lost = [...stands].reduce((total, stand) => total + lostOf(stand, looks), 0)
  let [reread, unplaced] = [0, 0]
  for (const ofPlace of Map.groupBy(lanes, ({ stand, lead }) => `${lead.targetTopic} ${stand.partition}`).values()) {
    const place = await translatePlace(ofPlace, survey, deadline)
    reread += rereadAt(place)
    if (place.target !== undefined && place.committed === undefined) unplaced++
  }
  return { group, lost, reread, unplaced }
}

const lostOf = ({ origin, partition, standing }: Lane['stand'], looks: ReadonlyMap<string, PartitionLook>): number => {
  const look = looks.get(partitionName({ topic: origin.topic, partition }))
  if (look === undefined || standing.kind !== 'committed') return 0
  if (standing.offset <= oldestWaiting(look)) return recordsBehind(look)
  return standing.offset < look.end ? Number(look.end - standing.offset) : 0
}

/** Where the map is too long to count by, offsets say at most how many records they are. */
const rereadAt = ({ committed, target, readAgain }: TranslatedPartition): number => {
  if (committed === undefined || target === undefined) return 0
  const offsets = BigInt(target) - BigInt(committed)
  return Number(readAgain?.atCommitted ?? (offsets > 0n ? offsets : 0n))
}
