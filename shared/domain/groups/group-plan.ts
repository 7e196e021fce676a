import type { ListedGroup } from './group-facts.ts'
import {
  canBeRemembered,
  type GroupRecord,
  type GroupRecords,
  groupRecordName,
  isSamePosition,
  type PublishedPosition,
} from './group-record.ts'
import type { Lane, Stand, Standing } from './group-stand.ts'
import { decidePosition, type PlannedMove, type Skip, type SkipReason } from './position-verdict.ts'

/** What stands on the target, by group, topic and partition; an error of a group where nothing is known. */
export type TargetStandings = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<number, Standing>> | Error>

/** All that is known when a plan is made. */
export interface GroupPlanFacts {
  readonly followRewinds: boolean
  /** Milliseconds since 1970. */
  readonly now: number
  /** Of groups that are known to the target. */
  readonly targetGroups: ReadonlyMap<string, ListedGroup>
  readonly stands: readonly Stand[]
  /** Of every group with a stand that is not live on the target. */
  readonly target: TargetStandings
  readonly records: GroupRecords
}

/** One change of the ledger, and the moves that may be made once it is written. */
export interface RecordChange {
  readonly group: string
  readonly targetTopic: string
  readonly from: GroupRecord | undefined
  readonly to: GroupRecord
}

/** The moves of one group in one topic. `change` absent: the ledger says so already. */
export interface GroupStep {
  readonly group: string
  readonly targetTopic: string
  readonly change?: RecordChange
  readonly moves: readonly PlannedMove[]
}

export interface GroupPlan {
  readonly steps: readonly GroupStep[]
  readonly skips: readonly Skip[]
  /** Groups that have members on the target. */
  readonly live: readonly string[]
}

/** What is remembered expires, after a day at the least; who is still there is written down again this often. */
const REFRESHED_MS = 43_200_000

/**
 * Decides for every group, topic of the target and partition. Never moves a group that is live on the target, and never
 * lowers a position unless its group was rewound on the source and the link follows rewinds.
 */
export const planGroups = (facts: GroupPlanFacts): GroupPlan => {
  const lanes = facts.stands.flatMap((stand) => stand.leads.map((lead): Lane => ({ stand, lead })))
  const plan = { steps: [] as GroupStep[], skips: [] as Skip[], live: [] as string[] }
  for (const [group, ofGroup] of Map.groupBy(lanes, ({ stand }) => stand.group)) {
    if (facts.targetGroups.get(group)?.life === 'live') {
      plan.live.push(group)
      plan.skips.push(...skipAll(ofGroup, 'live', 'the group has members on the target'))
      continue
    }
    for (const [targetTopic, ofTopic] of Map.groupBy(ofGroup, ({ lead }) => lead.targetTopic)) {
      const { step, skips } = planTopic(group, targetTopic, ofTopic, facts)
      if (step !== undefined) plan.steps.push(step)
      plan.skips.push(...skips)
    }
  }
  return plan
}

const skipAll = (lanes: readonly Lane[], because: SkipReason, detail: string): Skip[] =>
  lanes.map(({ stand, lead: { targetTopic } }) => ({
    group: stand.group,
    topic: stand.origin.topic,
    targetTopic,
    partition: stand.partition,
    because,
    detail,
  }))

interface TopicPart {
  readonly step?: GroupStep
  readonly skips: readonly Skip[]
}

const planTopic = (group: string, targetTopic: string, lanes: readonly Lane[], facts: GroupPlanFacts): TopicPart => {
  const target = facts.target.get(group)
  if (target instanceof Error) return { skips: skipAll(lanes, 'failed', target.message) }
  if (!canBeRemembered(targetTopic, group))
    return { skips: skipAll(lanes, 'unnamed', 'the names of group and topic are too long for the table') }
  const record = facts.records.get(groupRecordName(targetTopic, group))
  const positions = new Map(record?.positions)
  const moves: PlannedMove[] = []
  const skips: Skip[] = []
  for (const [partition, ofPartition] of Map.groupBy(lanes, ({ stand }) => stand.partition)) {
    const standing = target?.get(targetTopic)?.get(partition)
    const verdict = decidePosition(ofPartition, standing, positions.get(partition), facts)
    if (verdict.position !== undefined) positions.set(partition, verdict.position)
    if (verdict.kind === 'move') moves.push(verdict.move)
    if (verdict.kind === 'skip') skips.push(verdict.skip)
  }
  const change = changeOf(group, targetTopic, record, positions, facts.now)
  const step = { group, targetTopic, moves, ...(change && { change }) }
  return { skips, ...((moves.length > 0 || change !== undefined) && { step }) }
}

/** A pass that has nothing new to say writes nothing, but twice a day. */
const changeOf = (
  group: string,
  targetTopic: string,
  from: GroupRecord | undefined,
  positions: ReadonlyMap<number, PublishedPosition>,
  now: number,
): RecordChange | undefined => {
  if (positions.size === 0) return undefined
  const isSame = [...positions].every(([partition, to]) => isSamePosition(from?.positions.get(partition), to))
  if (isSame && from !== undefined && now - from.at < REFRESHED_MS) return undefined
  return { group, targetTopic, from, to: { at: now, positions } }
}
