import type { ReplicationError } from '../../domain/errors.ts'
import type { CommitAnswers, GroupAdmin } from '../groups/group-ports.ts'
import type { Deadline } from '../ports.ts'
import type { GroupPlaces } from './chosen-places.ts'

/** What became of the positions of groups. */
export interface PlacedGroups {
  /** Groups that have members on the target, and were left where these are. */
  readonly live: readonly string[]
  readonly failed: ReadonlyMap<string, ReplicationError>
  readonly placed: GroupPlaces
}

const GROUPS_AT_ONCE = 100

/** Sets groups there that have no members. */
export const placeGroups = async (wanted: GroupPlaces, deadline: Deadline, target: GroupAdmin): Promise<PlacedGroups> =>
  summaryOf(wanted, await commitAll(wanted, deadline, target))

export const positionsIn = (places: GroupPlaces): number =>
  [...places.values()].flatMap((ofGroup) => [...ofGroup.values()]).reduce((total, { size }) => total + size, 0)

const commitAll = async (
  wanted: GroupPlaces,
  deadline: Deadline,
  target: GroupAdmin,
): Promise<ReadonlyMap<string, CommitAnswers>> => {
  const answers = new Map<string, CommitAnswers>()
  const groups = [...wanted]
  for (let at = 0; at < groups.length; at += GROUPS_AT_ONCE)
    for (const [group, ofGroup] of await target.commit(new Map(groups.slice(at, at + GROUPS_AT_ONCE)), deadline))
      answers.set(group, ofGroup)
  return answers
}

const summaryOf = (wanted: GroupPlaces, answers: ReadonlyMap<string, CommitAnswers>): PlacedGroups => {
  const live: string[] = []
  const failed = new Map<string, ReplicationError>()
  for (const [group, ofGroup] of answers)
    for (const answer of [...ofGroup.values()].flatMap((ofTopic) => [...ofTopic.values()])) {
      if (answer.kind === 'failed') failed.set(group, answer.error)
      if (answer.kind === 'live' && !live.includes(group)) live.push(group)
    }
  const placed = new Map([...wanted].filter(([group]) => !live.includes(group) && !failed.has(group)))
  return { live: live.sort(), failed, placed }
}
